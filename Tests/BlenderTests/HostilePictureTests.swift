import Farm
import FoundationEssentials
import Glibc
import Testing

@testable import Blender

/// Made by hand: Blender does not write them, but a scene's own programs may.
@Suite(.timeLimit(.minutes(1))) struct `A picture that states too much` {
    private func fault(
        _ bytes: [UInt8], _ check: PictureCheck
    ) async throws -> PictureFault? {
        try await withDirectory { directory in
            try write(bytes, to: "\(directory)/frame")
            return #expect(throws: PictureFault.self) { try check.check("\(directory)/frame") }
        }
    }

    /// 3,400 channels of a million floats would need 29 GB for the sums of one row.
    @Test func `has another size than asked for, and is refused before its rows`() async throws {
        let bytes = MadePicture.exr(
            channels: Array(repeating: "R", count: 3400), width: 1 << 20, height: 1)
        let asked = PixelSize(width: 64, height: 36)
        let wide = PictureFault.size(PixelSize(width: 1 << 20, height: 1), expected: asked)
        #expect(
            try await fault(bytes, PictureCheck(format: .multilayerEXR, size: asked)) == wide)
        #expect(
            try await fault(bytes, PictureCheck(format: .multilayerEXR, size: nil, sizeMax: asked))
                == wide)
        try await withDirectory { directory in
            let path = "\(directory)/slice.exr"
            try write(bytes, to: path)
            #expect(throws: wide) { try FloatEXR(PictureFile(path: path), sizeMax: asked) }
            #expect(throws: PictureFault.damaged("its rows are too long")) {
                try FloatEXR(PictureFile(path: path))
            }
            let part = MergeRequest.Part(range: SampleRange(start: 0, count: 1), path: path)
            #expect(throws: RenderFailure.self) {
                try SliceMean(slices: [part], sizeMax: asked).write(to: "\(directory)/mean")
            }
        }
    }

    @Test func `has rows that are not in the file, and is no slice`() async throws {
        try await withDirectory { directory in
            let path = "\(directory)/slice.exr"
            try write(MadePicture.exr(channels: ["R"], width: 4000, height: 4000), to: path)
            #expect(throws: PictureFault.truncated("the rows")) {
                try FloatEXR(PictureFile(path: path))
            }
        }
    }

    @Test func `names one block for every row, and is refused`() async throws {
        let rows = 64
        let bytes = MadePicture.exr(
            channels: ["R"], width: 64, height: rows, block: [UInt8](repeating: 0, count: 256))
        #expect(
            try await fault(bytes, PictureCheck(format: .openEXR, size: nil))
                == .damaged("its blocks overlap"))
    }

    /// Each of 65,535 values of 512 KiB was read and kept: 64 GB.
    @Test(arguments: [
        (true, PictureFault.damaged("its sides are 0 and 0")),
        (false, .damaged("its tags are not in order")),
    ])
    func `has 65,535 TIFF tags, and costs no more than a few`(
        _ isAscending: Bool, _ expected: PictureFault
    ) async throws {
        let entries = (0..<65_535).map { (isAscending ? $0 : 273, 131_072, 65_535 * 12 + 14) }
        let bytes =
            MadePicture.tiff(entries) + [UInt8](repeating: 0, count: 512 << 10)
        #expect(try await fault(bytes, PictureCheck(format: .tiff, size: nil)) == expected)
    }

    @Test func `names one TIFF strip many times, and is refused`() async throws {
        let end = 8 + 2 + 4 * 12 + 4
        let entries = [
            (256, 1, 64), (257, 1, 64), (273, 1000, end), (279, 1000, end + 4000),
        ]
        let offsets = (0..<1000).flatMap { _ in MadePicture.little(8) }
        let lengths = (0..<1000).flatMap { _ in MadePicture.little(4096) }
        let bytes = MadePicture.tiff(entries) + offsets + lengths
        #expect(
            try await fault(bytes, PictureCheck(format: .tiff, size: nil))
                == .damaged("its strips overlap"))
    }

    @Test func `has a file of a terabyte without content, and is refused`() async throws {
        try await withDirectory { directory in
            let path = "\(directory)/frame.jpg"
            try write([0xFF, 0xD8, 0xFF, 0xDA, 0, 2], to: path)
            try #require(unsafe truncate(path, 1 << 40) == 0)
            #expect(throws: PictureFault.unreadable("it has 1099511627776 bytes")) {
                try PictureCheck(format: .jpeg, size: nil).check(path)
            }
        }
    }
}

/// Seeded mutations of real and made pictures and of real output. The seed is in the test's name.
@Suite struct `Mutated bytes` {
    private static let seeds: [String: [UInt8]] = MadePicture.seeds

    @Test(arguments: 0..<8 as Range<UInt64>)
    func `of a picture are accepted or refused`(seed: UInt64) async throws {
        var random = SplitMix64(state: seed)
        let real = try ["frame.png", "parts.exr", "slice.exr"].map { try read(fixture($0)) }
        try await withDirectory { directory in
            for bytes in real + Self.seeds.values {
                for _ in 0..<40 {
                    let mutated = mutate(bytes, using: &random)
                    let complaint = try FuzzedPicture.complaint(
                        mutated, at: "\(directory)/picture")
                    #expect(complaint == nil)
                }
            }
        }
    }

    @Test func `of the picture corpus are accepted or refused`() async throws {
        try await withDirectory { directory in
            for name in try corpus("corpus-pictures") {
                let bytes = try read(name)
                let complaint = try FuzzedPicture.complaint(bytes, at: "\(directory)/picture")
                #expect(complaint == nil, "\(name): \(complaint ?? "")")
            }
        }
    }

    @Test func `of the output corpus are read within bounds`() throws {
        for name in try corpus("corpus-output") {
            let complaint = FuzzedOutput.complaint(try read(name))
            #expect(complaint == nil, "\(name): \(complaint ?? "")")
        }
    }

    private func corpus(_ folder: String) throws -> [String] {
        let names = try FileManager.default.contentsOfDirectory(atPath: fixture(folder))
        #expect(names.count > 20)
        return names.map { fixture("\(folder)/\($0)") }
    }

    private func mutate(_ bytes: [UInt8], using random: inout SplitMix64) -> [UInt8] {
        var bytes = bytes
        for _ in 0..<Int.random(in: 1...4, using: &random) where bytes.count > 80 {
            let place = Int.random(in: 0..<bytes.count - 70, using: &random)
            let count = Int.random(in: 1...64, using: &random)
            switch Int.random(in: 0..<5, using: &random) {
            case 0: bytes[place] ^= 1 << UInt8.random(in: 0..<8, using: &random)
            case 1: bytes.replaceSubrange(place..<place + 4, with: [0xFF, 0xFF, 0xFF, 0x7F])
            case 2: bytes.removeLast(count)
            case 3: bytes.insert(contentsOf: bytes[place..<place + count], at: place)
            default: bytes.removeSubrange(place..<place + count)
            }
        }
        return bytes
    }
}
