import Foundation
import Subprocess
import SystemPackage
import Testing

/// The command line as people use it: `--stack` names the farm, and it answers by exit code and
/// JSON.
extension `The farm on one machine` {
    @Test(.timeLimit(.minutes(6)))
    func `is steered from the command line`() async throws {
        let scene = try await farm.scene("steered.blend", "--frames", "1-2")
        let submitted = try await farm.command("submit", scene, "--samples", "4000", "--json")
        #expect(submitted.code == 0, "\(submitted)")
        let id = try submitted.string("job")
        try await farm.eventually("Blender renders \(id)") { farm.renders(id) }

        let paused = try await farm.command("pause", id, "--json")
        #expect(try paused.string("state") == "paused")
        #expect(try await farm.command("resume", id).code == 0)
        let listed = try await farm.command("jobs")
        #expect(listed.output.contains(id))

        let canceled = try await farm.command("cancel", id, "--json")
        #expect(try canceled.string("state") == "canceled")
        let start = Date()
        try await farm.eventually("Blender has ended") { try farm.blenderCount() == 0 }
        // The limit is ten seconds. A busy machine gets twice as many.
        let seconds = Date().timeIntervalSince(start)
        #expect(seconds < 20, "Blender ran for another \(seconds) s.")

        #expect(try await farm.command("retry", id).code == 0)
        let watched = try await farm.command("watch", id)
        #expect(watched.code == 0, "\(watched)")
        #expect(watched.output.contains("is done"))
        let folder = farm.folder.appending(path: "fetched").path()
        let fetched = try await farm.command("download", id, folder, "--json")
        // Two frames, the contact sheet and the video.
        #expect(try fetched.int("filesFetched") == 4, "\(fetched)")
        let again = try await farm.command("download", id, folder, "--json")
        #expect(try again.int("filesFetched") == 0 && again.int("filesPresent") == 4, "\(again)")
    }

    @Test(.timeLimit(.minutes(3)))
    func `shows Blender's log of a failed job`() async throws {
        let scene = try await farm.scene("foreign.blend", "--frames", "1-1")
        let submitted = try await farm.command(
            "submit", scene, "--engine", "LUXCORE", "--watch", "--json")
        #expect(submitted.code == 1, "\(submitted)")
        let id = try submitted.string("job")
        let status = try await farm.command("status", id, "--json")
        #expect(status.output.contains("LUXCORE"))
        let logs = try await farm.command("logs", id)
        #expect(logs.code == 0 && logs.output.contains("Blender 3"), "\(logs)")
        #expect(logs.error.contains("failed"), "\(logs)")
        let document = try await farm.command("logs", id, "--json")
        #expect(try document.string("output") == logs.output && document.error.isEmpty)
        let retried = try await farm.command("retry", id, "--failed", "--json")
        #expect(try retried.string("state") == "queued")
        #expect(try await farm.command("cancel", id).code == 0)
    }

    @Test(.timeLimit(.minutes(3)))
    func `gives up a job whose first frames all fail`() async throws {
        let scene = try await farm.scene("hopeless.blend", "--frames", "1-16")
        let submitted = try await farm.command(
            "submit", scene, "--engine", "LUXCORE", "--watch", "--json")
        #expect(submitted.code == 1, "\(submitted)")
        let id = try submitted.string("job")
        let status = try await farm.command("status", id)
        #expect(status.output.contains("were not tried"), "\(status)")
        #expect(status.output.contains("spotrender retry \(id)\n"), "\(status)")
    }

    @Test(.timeLimit(.minutes(4)))
    func `renders an urgent job before an earlier normal job`() async throws {
        let scene = try await farm.scene("long.blend", "--frames", "1-40")
        let long = try await farm.command(
            "submit", scene, "--samples", "1500", "--no-canary", "--json")
        let longID = try long.string("job")
        try await farm.eventually("Blender renders \(longID)") { farm.renders(longID) }
        let short = try await farm.scene("urgent.blend", "--frames", "1-2")
        let urgent = try await farm.command("submit", short, "--priority", "high", "--watch")
        #expect(urgent.code == 0, "\(urgent)")
        let left = try await farm.command("status", longID)
        #expect(left.output.contains("is being rendered"), "\(left)")
        #expect(try await farm.command("cancel", longID).code == 0)
    }

    @Test func `answers wrong calls with the next step`() async throws {
        #expect(try await farm.command("logs").code == 2)
        #expect(try await farm.command("submit", "letter.txt").code == 2)
        let unknown = try await farm.command("cancel", "nowhere-12345678")
        #expect(unknown.code == 1 && unknown.error.contains("spotrender jobs --all"))
        let blind = try await farm.scene("blind.blend", "--no-camera")
        let refused = try await farm.command("submit", blind)
        #expect(refused.code == 1 && refused.error.contains("camera"), "\(refused)")
    }

    @Test(arguments: [
        "inspect", "estimate", "submit", "jobs", "status", "watch", "cancel", "pause", "resume",
        "retry", "logs", "download", "fleet", "workers", "drain", "report", "dashboard",
    ])
    func `shows an example of each command`(_ command: String) async throws {
        let help = try await farm.command("help", command)
        #expect(help.code == 0 && help.output.contains("  spotrender \(command)"), "\(help)")
        // Every command but the dashboard can print JSON.
        #expect(help.output.contains("--json") || command == "dashboard")
    }
}

struct CommandAnswer: CustomStringConvertible {
    let code: Int32
    let output: String
    let error: String

    var description: String { "exit code \(code)\n\(output)\n\(error)" }

    private func value(_ key: String) throws -> Any {
        let document = try JSONSerialization.jsonObject(with: Data(output.utf8))
        let fields = try #require(document as? [String: Any], "\(self)")
        return try #require(fields[key], "\(self)")
    }

    func string(_ key: String) throws -> String { try #require(value(key) as? String) }

    func int(_ key: String) throws -> Int { try #require(value(key) as? Int) }
}

extension LocalFarm {
    /// Runs `spotrender … --stack` with this cloud's file.
    func command(_ arguments: String...) async throws -> CommandAnswer {
        try await command(arguments)
    }

    func command(_ arguments: [String]) async throws -> CommandAnswer {
        let isOfFarm = !["help", "local", "inspect"].contains(arguments.first)
        let result = try await Subprocess.run(
            .path(FilePath(Self.root.appending(path: "dist/spotrender").path())),
            arguments: Arguments(arguments + (isOfFarm ? ["--stack", state + "/env.sh"] : [])),
            output: .string(limit: 1 << 20), error: .string(limit: 1 << 20))
        guard case .exited(let code) = result.terminationStatus else {
            Issue.record("\(arguments) ended by \(result.terminationStatus)")
            return CommandAnswer(code: -1, output: "", error: "")
        }
        return CommandAnswer(
            code: code, output: result.standardOutput, error: result.standardError)
    }

    /// Whether Blender renders this job's frames now, by the attempt's log.
    func renders(_ job: String) -> Bool {
        let files = FileManager.default.enumerator(atPath: state + "/instances")
        return files?.contains { file in
            guard let path = file as? String, path.hasSuffix("/blender.log") else { return false }
            let log = FileManager.default.contents(atPath: "\(state)/instances/\(path)") ?? Data()
            return path.contains("/attempts/\(job).") && !log.isEmpty
        } ?? false
    }

    /// All Blender processes of this cloud.
    func blenderCount() throws -> Int {
        try FileManager.default.contentsOfDirectory(atPath: "/proc").count { entry in
            guard Int(entry) != nil,
                let bytes = FileManager.default.contents(atPath: "/proc/\(entry)/cmdline")
            else { return false }
            let line = String(decoding: bytes, as: UTF8.self)
            return line.contains("\(state)/instances/") && line.contains("--background")
        }
    }

    /// Asks again for up to two minutes.
    func eventually(_ what: String, _ isSo: () throws -> Bool) async throws {
        for _ in 0..<600 {
            if try isSo() { return }
            try await Task.sleep(for: .milliseconds(200))
        }
        Issue.record("Not within two minutes: \(what).")
    }
}
