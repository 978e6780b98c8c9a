import Foundation
import Testing

/// Two renders of the same scene by Blender alone: the farm's pictures must equal the first, within
/// the difference between both.
///
/// Cycles on several threads is not bit exact: in one run of eight a frame differed in a few pixels
/// by up to 2/255. The two runs here measure this machine. Two runs may be equal by chance, so the
/// earlier measurement is the least tolerance.
actor Pictures {
    struct Difference: Hashable {
        /// The difference of one channel, in 255ths.
        var most = 0.0
        var pixelCount = 0

        static let measuredEarlier = Difference(most: 2, pixelCount: 12)
    }

    static let frames = 1...3
    /// With this many samples a frame takes longer than the answer to any notice.
    static let options = ["--frames", "1-3", "--samples", "3500"]
    static let shared = Pictures()

    private var made: (folder: URL, noise: Difference)?

    /// The folder of Blender's own frames, and the difference between its two runs.
    func references(_ farm: LocalFarm) async throws -> (folder: URL, noise: Difference) {
        if let made { return made }
        let scene = try await farm.scene("reference.blend", Self.options)
        let folders = ["first", "second"].map { farm.folder.appending(path: $0) }
        for folder in folders {
            let answer = try await farm.run(
                "/usr/bin/env",
                [
                    "blender", "-b", "--factory-startup", scene, "-o",
                    folder.path() + "/frame_####", "-F", "PNG", "-x", "1", "-a",
                ])
            try #require(answer.isSuccess, "\(answer.output)")
        }
        var noise = Difference.measuredEarlier
        for frame in Self.frames {
            let found = try await Self.difference(
                farm, folders[0].appending(path: Self.name(frame)).path(),
                folders[1].appending(path: Self.name(frame)).path())
            noise.most = max(noise.most, found.most)
            noise.pixelCount = max(noise.pixelCount, found.pixelCount)
        }
        made = (folders[0], noise)
        return (folders[0], noise)
    }

    static func name(_ frame: Int) -> String { "frame_000\(frame).png" }

    /// ImageMagick compares, and exits with 1 if pictures differ.
    static func difference(
        _ farm: LocalFarm, _ first: String, _ second: String
    ) async throws -> Difference {
        func measure(_ metric: String) async throws -> String {
            try await farm.run(
                "/usr/bin/env", ["compare", "-metric", metric, first, second, "null:"]
            ).output
        }
        // "514 (0.00784314)": the peak absolute error, absolute and as a share.
        let peak = try await measure("PAE")
        let share = try #require(peak.firstMatch(of: /\(([0-9.e-]+)\)/), "\(peak)")
        let count = try await measure("AE")
        return Difference(
            most: try #require(Double(share.1)) * 255,
            pixelCount: Int(try #require(Double(count), "\(count)")))
    }
}
