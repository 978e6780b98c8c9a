import Foundation
import Testing

/// The local cloud's commands, as programs call them.
extension `The farm on one machine` {
    @Test(arguments: ["up", "down", "run", "interrupt", "refuse", "instances"])
    func `shows an example of each local command`(_ command: String) async throws {
        let help = try await farm.command("help", "local", command)
        #expect(help.code == 0 && help.output.contains("  spotrender local \(command)"), "\(help)")
        #expect(help.output.contains("--json"))
    }

    private func document(_ arguments: String...) async throws -> [String: Any] {
        let answer = try await farm.command(["local"] + arguments + ["--state", farm.state])
        let document = try JSONSerialization.jsonObject(with: Data(answer.output.utf8))
        return try #require(document as? [String: Any], "\(answer)")
    }

    @Test(.timeLimit(.minutes(3)))
    func `prints one JSON document for each command`() async throws {
        // Tests/with-local-cloud.sh started it already: nothing changes.
        let up = try await document(
            "up", "--json", "--fleet-max", "2", "--turn-around", "60", "--lease", "30")
        #expect(up["environmentFile"] as? String == farm.state + "/env.sh")
        #expect((up["endpoint"] as? String)?.hasPrefix("http://127.0.0.1:") == true)
        for seconds in [300, 0] {
            let refusal = try await document("refuse", "--json", "--for", "\(seconds)")
            #expect(refusal["shortageSeconds"] as? Int == seconds)
        }
        let scene = try await farm.scene("documented.blend", "--frames", "1-2")
        let run = try await document(
            "run", scene, "--samples", "2000", "--json", "--out", farm.frames.path(),
            "--interrupt", "both", "--interrupt-after", "3")
        #expect(run["isDone"] as? Bool == true)
        #expect(run["framesDone"] as? Int == 2 && run["folder"] as? String == farm.frames.path())
        // Empty if the frame was finished before its instance ended.
        #expect(run["detection"] is [Any])
        let report = try #require(run["report"] as? [String: Any])
        #expect(
            (report["runs"] as? [[String: Any]])?.first?["job"] as? String == run["job"] as? String)

        let instances = try #require(
            try await document("instances", "--json")["instances"] as? [[String: Any]])
        let running = try #require(instances.first { $0["state"] as? String == "running" })
        let taken = try await document("interrupt", "--json", "--after", "3", "--method", "imds")
        #expect(
            instances.contains { $0["worker"] as? String == taken["worker"] as? String },
            "\(running)"
        )
        #expect(taken["method"] as? String == "imds" && taken["endsAfterSeconds"] as? Int == 3)
    }

    @Test func `refuses a file that is no scene before the upload`() async throws {
        let letter = try farm.file("letter.blend", Array("no scene".utf8))
        let run = try await farm.command(
            "local", "run", letter, "--json", "--state", farm.state, "--out", farm.frames.path())
        #expect(run.code == 1 && run.error.contains("not a Blender file"), "\(run)")
    }

    @Test func `succeeds at ending a cloud that does not run`() async throws {
        let down = try await farm.command(
            "local", "down", "--json", "--delete-state", "--state", farm.folder.path() + "/nowhere")
        #expect(down.code == 0)
        #expect(down.output.contains(#""wasUp" : false"#), "\(down)")
    }
}
