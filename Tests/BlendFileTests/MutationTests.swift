import FoundationEssentials
import Testing

@testable import BlendFile

/// Seeded mutations of real and made files. Each must give a summary or a typed error in few reads.
/// A crash, a hang or a failed precondition ends the test run. The seed is in the test's name.
@Suite struct `A mutated file` {
    @Test(arguments: 0..<20 as Range<UInt64>)
    func `that was made is read or refused`(seed: UInt64) async {
        var generator = SplitMix64(seed: seed)
        let file = MadeFile(
            pointerSize: Bool.random(using: &generator) ? 4 : 8,
            isBigEndian: .random(using: &generator), hasLongHeads: false)
        let bytes = file.bytes
        for _ in 0..<100 {
            let mutated = mutate(bytes, using: &generator)
            let packed =
                switch Int.random(in: 0..<4, using: &generator) {
                case 0: Packed.gzip(mutated)
                case 1: Packed.seekable(mutated, frameCount: 600)
                case 2: mutate(Packed.seekable(bytes, frameCount: 600), using: &generator)
                default: mutated
                }
            #expect(await Fuzzed.complaint(packed) == nil)
        }
    }

    @Test(arguments: ["plain-3.4.blend.gz", "scenes-3.4.blend", "scenes-5.0.blend"])
    func `from Blender is read or refused`(_ name: String) async throws {
        var generator = SplitMix64(seed: 2026)
        let packed = try await Fixture.bytes(name)
        let content = try await Fixture.content(name)
        for _ in 0..<15 {
            #expect(await Fuzzed.complaint(mutate(packed, using: &generator)) == nil)
            #expect(await Fuzzed.complaint(mutate(content, using: &generator)) == nil)
        }
    }

    /// Includes inputs that libFuzzer found for new paths: see `Tests/fuzz/fuzz.sh`.
    @Test func `of the corpus is read or refused`() async throws {
        let folder = Fixture.folder + "corpus"
        let names = try FileManager.default.contentsOfDirectory(atPath: folder)
        #expect(names.count > 100)
        for name in names {
            let complaint = await Fuzzed.complaint(try await Fixture.bytes("corpus/" + name))
            #expect(complaint == nil, "\(name): \(complaint ?? "")")
        }
    }

    /// Makes one to four changes: a bit, a byte, a number, a cut, a repeated or a removed part.
    private func mutate(_ bytes: [UInt8], using generator: inout SplitMix64) -> [UInt8] {
        var bytes = bytes
        for _ in 0..<Int.random(in: 1...4, using: &generator) where bytes.count > 8 {
            let place = Int.random(in: 0..<bytes.count - 4, using: &generator)
            let count = min(bytes.count - place, Int.random(in: 1...64, using: &generator))
            switch Int.random(in: 0..<6, using: &generator) {
            case 0: bytes[place] ^= 1 << UInt8.random(in: 0..<8, using: &generator)
            case 1: bytes[place] = .random(in: 0...255, using: &generator)
            case 2:
                let numbers = [0, -1, Int(Int32.max), Int(Int32.min), 1 << 16, 3]
                let number = numbers[Int.random(in: 0..<numbers.count, using: &generator)]
                bytes.replaceSubrange(place..<place + 4, with: Packed.little(number))
            case 3: bytes.removeLast(count)
            case 4: bytes.insert(contentsOf: bytes[place..<place + count], at: place)
            default: bytes.removeSubrange(place..<place + count)
            }
        }
        return bytes
    }
}
