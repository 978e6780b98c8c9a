import Foundation
import Testing

/// The system as a user meets it: packaged programs, emulated AWS with signatures and permissions
/// checked, real Blender, real signals. Tests share two workers, so they take turns.
@Suite(.serialized, .enabled(if: LocalFarm.state != nil, "run by Tests/with-local-cloud.sh"))
struct `The farm on one machine` {
    private let farm: LocalFarm

    init() throws {
        farm = try LocalFarm()
    }

    @Test func `renders every frame of an uploaded scene`() async throws {
        let scene = try await farm.scene("tiny shot (1).blend", "--frames", "1-6")
        let answer = try await farm.render(scene, "--frames", "1-6:2", "--chunk", "2")
        #expect(answer.isSuccess, "\(answer.output)")
        #expect(try farm.frameNames() == ["frame_0001.png", "frame_0003.png", "frame_0005.png"])
        #expect(try farm.frameNames().allSatisfy { try farm.isPNG($0, width: 64, height: 36) })
    }

    @Test func `loses nothing when a worker is taken away in the middle of a frame`() async throws {
        let scene = try await farm.scene("interrupted.blend", "--frames", "1-4")
        let answer = try await farm.render(
            scene, "--samples", "3000", "--interrupt-one", "--interrupt-after", "3")
        #expect(answer.isSuccess, "\(answer.output)")
        #expect(answer.output.contains("gets its interruption notice"), "\(answer.output)")
        #expect(answer.output.contains(/interruptions +1 of/), "\(answer.output)")
        #expect(answer.output.contains(/retries +0/), "\(answer.output)")
        #expect(try farm.frameNames().count == 4)
        #expect(try farm.frameNames().allSatisfy { try farm.isPNG($0, width: 64, height: 36) })
    }

    @Test(.timeLimit(.minutes(6)))
    func `loses nothing when a worker dies without a word`() async throws {
        let scene = try await farm.scene("killed.blend", "--frames", "1-4")
        let farm = farm
        async let rendering = farm.render(scene, "--samples", "3000")
        let killed = try await farm.killOne()
        let answer = try await rendering
        #expect(answer.isSuccess, "\(answer.output)")
        #expect(answer.output.contains("\(killed) is gone"), "\(answer.output)")
        #expect(try farm.frameNames().count == 4)
        #expect(try farm.frameNames().allSatisfy { try farm.isPNG($0, width: 64, height: 36) })
    }

    @Test(arguments: [
        ("letter.blend", Array("Dear Sir or Madam, this is no scene.".utf8), "not a Blender file"),
        ("empty.blend", [], "empty"),
    ])
    func `tells why a file is no scene`(
        _ name: String, _ bytes: [UInt8], _ reason: String
    ) async throws {
        let answer = try await farm.render(try farm.file(name, bytes))
        #expect(!answer.isSuccess)
        #expect(answer.output.contains(reason), "\(answer.output)")
    }

    @Test func `tells why a scene can't be rendered`() async throws {
        let blind = try await farm.scene("blind.blend", "--no-camera")
        let noCamera = try await farm.render(blind)
        #expect(!noCamera.isSuccess)
        #expect(noCamera.output.contains("camera"), "\(noCamera.output)")

        let scene = try await farm.scene("backwards.blend", "--frames", "1-2")
        let backwards = try await farm.render(scene, "--frames", "9-3")
        #expect(!backwards.isSuccess)
        #expect(backwards.output.contains("backwards"), "\(backwards.output)")
    }
}
