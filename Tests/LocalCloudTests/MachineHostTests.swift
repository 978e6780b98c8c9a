import FoundationEssentials
import Synchronization
import Testing

@testable import LocalCloud

@Suite(.timeLimit(.minutes(1))) struct `An instance on this machine` {
    private let folder = TemporaryFolder()

    /// A shell script in place of the worker.
    private func host(_ script: String) throws -> MachineHost {
        let state = StateFolder(path: folder.path)
        try state.create()
        let worker = folder.path + "/worker"
        try state.write("#!/bin/sh\n\(script)\n", to: worker)
        try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: worker)
        return MachineHost(
            state: state, worker: worker,
            environment: ["PATH": "/usr/bin:/bin", "SPOTRENDER_TABLE": "table"])
    }

    private var id: String { "i-\(folder.path.suffix(36))" }

    @Test func `gives the worker its settings, its metadata and a home`() async throws {
        let host = try host("env; pwd")
        _ = try await host.run(id, metadata: "http://127.0.0.1:1") { _ in }
        let log = LocalCloud.text("\(folder.path)/logs/\(id).log")
        let lines = Set(log.split(separator: "\n").map(String.init))
        #expect(
            lines.isSuperset(of: [
                "SPOTRENDER_TABLE=table",
                "AWS_EC2_METADATA_SERVICE_ENDPOINT=http://127.0.0.1:1",
                "SPOTRENDER_WORK_DIR=\(folder.path)/instances/\(id)/work",
                "HOME=\(folder.path)/instances/\(id)",
            ]))
    }

    @Test func `reports how the worker ended, with the last lines of its log`() async throws {
        let host = try host("echo no Blender here; exit 3")
        let how = try await host.run(id, metadata: "http://127.0.0.1:1") { _ in }
        #expect(
            how == "the worker exited with status 3. The last lines of its log: no Blender here")
    }

    @Test func `kills every process that the worker started, also in other sessions`()
        async throws
    {
        let id = id
        let host = try host("sleep 600 & setsid sleep 600 & echo started; wait")
        let how = try await host.run(id, metadata: "http://127.0.0.1:1") { process in
            while ProcessTable.marked(MachineHost.marker, id).count < 3 { await Task.yield() }
            #expect(ProcessTable.marked(MachineHost.marker, id).contains(process))
            host.kill(id)
        }
        #expect(how.contains("signal 9"))
        #expect(ProcessTable.marked(MachineHost.marker, id).isEmpty)
    }

    @Test func `lets the worker drain when asked to stop`() async throws {
        let host = try host("trap 'echo handed back; exit 0' TERM; echo ready; sleep 600 & wait")
        let log = "\(folder.path)/logs/\(id).log"
        let how = try await host.run(id, metadata: "http://127.0.0.1:1") { process in
            while !LocalCloud.text(log).contains("ready") { await Task.yield() }
            host.stop(process)
        }
        #expect(how.contains("status 0"))
        host.kill(id)
    }
}
