import CZlib
import Farm
import Glibc
import Testing

@testable import Blender

/// `frame.png` was rendered by Blender 3.4.1: 64×36, eight bits, RGB.
@Suite struct `A PNG` {
    private let check = PictureCheck(format: .png, size: PixelSize(width: 64, height: 36))

    private func fault(_ bytes: [UInt8], _ check: PictureCheck) async throws -> PictureFault? {
        try await withDirectory { directory in
            try write(bytes, to: "\(directory)/frame.png")
            do throws(PictureFault) {
                try check.check("\(directory)/frame.png")
                return nil
            } catch {
                return error
            }
        }
    }

    @Test func `from Blender is complete`() throws {
        let finding = try check.check(fixture("frame.png"))
        #expect(finding.byteCount == Int64(try read(fixture("frame.png")).count))
        #expect(finding.isBlank == false)
    }

    @Test func `is not complete without any part of its end`() async throws {
        let whole = try read(fixture("frame.png"))
        for count in stride(from: 0, to: whole.count, by: 7) + [whole.count - 1] {
            #expect(try await fault(Array(whole.prefix(count)), check) != nil, "\(count) bytes")
        }
    }

    @Test func `is damaged by any flipped bit`() async throws {
        let whole = try read(fixture("frame.png"))
        var random = SplitMix64(state: 7)
        for _ in 0..<400 {
            var bytes = whole
            let place = Int.random(in: 0..<bytes.count, using: &random)
            bytes[place] ^= 1 << UInt8.random(in: 0..<8, using: &random)
            #expect(try await fault(bytes, check) != nil, "byte \(place)")
        }
    }

    @Test func `has the expected size`() async throws {
        let whole = try read(fixture("frame.png"))
        let other = PictureCheck(format: .png, size: PixelSize(width: 64, height: 37))
        #expect(
            try await fault(whole, other)
                == .size(
                    PixelSize(width: 64, height: 36), expected: PixelSize(width: 64, height: 37)))
        #expect(try await fault(whole, PictureCheck(format: .png, size: nil)) == nil)
    }

    @Test func `has no bytes after its end`() async throws {
        let whole = try read(fixture("frame.png"))
        #expect(try await fault(whole + [0], check) == .damaged("bytes follow the picture"))
    }

    @Test(arguments: [
        (35, PictureFault.truncated("the pixels")), (37, .damaged("too many pixels")),
    ])
    func `has as many rows as its header states`(_ rows: Int, _ expected: PictureFault) async throws
    {
        let bytes = Self.png(
            rows: Array(repeating: [0] + Array(repeating: 9, count: 192), count: rows))
        #expect(try await fault(bytes, check) == expected)
    }

    @Test func `has filters that a reader knows`() async throws {
        let row = [0] + [UInt8](repeating: 9, count: 192)
        let odd = [5] + [UInt8](repeating: 9, count: 192)
        let bytes = Self.png(rows: Array(repeating: row, count: 35) + [odd])
        #expect(try await fault(bytes, check) == .damaged("a row has an unknown filter"))
    }

    @Test func `larger than every buffer is read to its end`() async throws {
        let size = PixelSize(width: 2048, height: 1024)
        var random = SplitMix64(state: 3)
        let rows = (0..<size.height).map { _ in
            [1] + (0..<size.width * 3).map { _ in UInt8.random(in: 0...255, using: &random) }
        }
        let bytes = Self.png(size, rows: rows)
        let check = PictureCheck(format: .png, size: size)
        #expect(try await fault(bytes, check) == nil)
        #expect(try await fault(Array(bytes.dropLast(40)), check) != nil)
    }

    @Test func `is neither missing, nor empty, nor another format`() async throws {
        #expect(throws: PictureFault.missing) { try check.check("/nowhere/frame.png") }
        #expect(try await fault([], check) == .empty)
        #expect(try await fault([0xFF, 0xD8, 0xFF], check) == .otherFormat(expected: "PNG"))
    }

    @Test func `is not larger than Blender's largest picture, even if it states so`() async throws {
        let huge = PixelSize(width: 0xFFFF_FFFF, height: 0xFFFF_FFFF)
        let bytes = Self.png(huge, rows: [[0]])
        #expect(
            try await fault(bytes, PictureCheck(format: .png, size: nil))
                == .damaged("its sides are 4294967295 and 4294967295"))
    }

    @Test func `is a file, and neither a link to one nor a pipe`() async throws {
        try await withDirectory { directory in
            let path = "\(directory)/frame.png"
            #expect(unsafe symlink(fixture("frame.png"), path) == 0)
            #expect(throws: PictureFault.self) { try check.check(path) }
            #expect(unsafe unlink(path) == 0 && mkfifo(path, 0o644) == 0)
            #expect(throws: PictureFault.unreadable("it is no file of bytes")) {
                try check.check(path)
            }
        }
    }

    /// An eight-bit RGB picture of these rows, which begin with their filters. Its size may be
    /// wrong.
    private static func png(
        _ size: PixelSize = PixelSize(width: 64, height: 36), rows: [[UInt8]]
    ) -> [UInt8] {
        let sides = [size.width, size.height].flatMap(bigEndian)
        return PNGCheck.signature + chunk("IHDR", sides + [8, 2, 0, 0, 0])
            + chunk("IDAT", deflate(rows.flatMap { $0 })) + chunk("IEND", [])
    }

    private static func chunk(_ type: String, _ content: [UInt8]) -> [UInt8] {
        let body = Array(type.utf8) + content
        return bigEndian(content.count) + body + bigEndian(Int(checksum(body)))
    }

    private static func bigEndian(_ number: Int) -> [UInt8] {
        [24, 16, 8, 0].map { UInt8(truncatingIfNeeded: number >> $0) }
    }

    static func deflate(_ bytes: [UInt8]) -> [UInt8] {
        var count = compressBound(UInt(bytes.count))
        return unsafe [UInt8](unsafeUninitializedCapacity: Int(count)) { buffer, filled in
            unsafe bytes.withUnsafeBufferPointer { input in
                _ = unsafe compress(
                    buffer.baseAddress, &count, input.baseAddress, UInt(input.count))
            }
            filled = Int(count)
        }
    }
}

/// `parts.exr` was rendered by Blender 5.0.1, which gives each pass a part of the file.
@Suite struct `An OpenEXR of several parts` {
    private let check = PictureCheck(
        format: .multilayerEXR, size: PixelSize(width: 64, height: 36))

    @Test func `is complete, and shows something in one of them`() throws {
        let path = fixture("parts.exr")
        let (headers, layout) = try EXRHeader.read(PictureFile(path: path))
        #expect(headers.count == 3 && layout == .parts)
        #expect(try check.check(path).isBlank == false)
    }

    @Test func `is not complete without its end`() async throws {
        let whole = try read(fixture("parts.exr"))
        try await withDirectory { directory in
            let path = "\(directory)/frame.exr"
            for count in stride(from: 0, to: whole.count, by: 7) + [whole.count - 1] {
                try write(Array(whole.prefix(count)), to: path)
                #expect(throws: PictureFault.self, "\(count) bytes") { try check.check(path) }
            }
        }
    }
}

private func + (left: StrideTo<Int>, right: [Int]) -> [Int] { Array(left) + right }

/// Made by hand: Blender does not write them, but a scene's own programs may.
@Suite struct `A picture with a false header` {
    private func fault(_ bytes: [UInt8], _ format: ImageFormat) async throws -> PictureFault? {
        try await withDirectory { directory in
            try write(bytes, to: "\(directory)/frame")
            return #expect(throws: PictureFault.self) {
                try PictureCheck(format: format, size: nil).check("\(directory)/frame")
            }
        }
    }

    private func little(_ numbers: Int...) -> [UInt8] {
        numbers.flatMap { number in (0..<4).map { UInt8(truncatingIfNeeded: number >> ($0 * 8)) } }
    }

    @Test func `states sides that a TIFF can't have, and is refused`() async throws {
        // Tag, type LONG, one value: width, height, a strip's offset and length.
        let entries = [(256, 0xFFFF_FFFF), (257, 1), (273, 8), (279, 8)].flatMap { tag, value in
            little(tag | 4 << 16, 1, value)
        }
        let bytes = little(0x002A_4949, 8) + [4, 0] + entries + little(0)
        #expect(try await fault(bytes, .tiff) == .damaged("its sides are 4294967295 and 1"))
    }

    @Test func `states fewer pixels than an OpenEXR unpacks to, and is refused`() async throws {
        func attribute(_ name: String, _ type: String, _ value: [UInt8]) -> [UInt8] {
            Array(name.utf8) + [0] + Array(type.utf8) + [0] + little(value.count) + value
        }
        let channel = Array("R".utf8) + [0] + little(2, 0, 1, 1)
        // A thousand floats in a row, compressed by ZIP.
        let header =
            little(0x0131_2F76, 2) + attribute("channels", "chlist", channel + [0])
            + attribute("compression", "compression", [3])
            + attribute("dataWindow", "box2i", little(0, 0, 999, 0)) + [0]
        let bomb = `A PNG`.deflate([UInt8](repeating: 0, count: 1 << 20))
        let bytes = header + little(header.count + 8, 0) + little(0, bomb.count) + bomb
        #expect(try await fault(bytes, .openEXR) == .damaged("block 0 has too many pixels"))
    }
}

@Suite struct `A picture's size` {
    @Test(arguments: [
        (Resolution(width: 1920, height: 1080, percentage: 50), PixelSize(width: 960, height: 540)),
        (Resolution(width: 101, height: 53, percentage: 50), PixelSize(width: 50, height: 26)),
        (Resolution(width: 64, height: 36), PixelSize(width: 64, height: 36)),
        (Resolution(width: 4, height: 4, percentage: 1), PixelSize(width: 1, height: 1)),
    ])
    func `is rounded like Blender rounds`(_ resolution: Resolution, _ size: PixelSize) {
        #expect(PixelSize(resolution) == size)
    }
}
