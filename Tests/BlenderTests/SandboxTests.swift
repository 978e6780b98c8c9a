import Farm
import FoundationEssentials
import Glibc
import Subprocess
import Testing

@testable import Blender

/// These tests run bubblewrap (`apt-get install bubblewrap`) and the machine's Blender.
@Suite(.enabled("bubblewrap works here") { await Sandbox().leak() == nil })
struct `A sandbox` {
    /// Runs Python in place of Blender, as a scene could. Returns its output.
    private func attempt(
        _ script: String, in directory: String, _ sandbox: Sandbox? = Sandbox()
    ) async throws -> String {
        let python = BlenderProgram("python3", sandbox: sandbox)
        let command = python.command(Sandbox.View(directory: directory), hasDisplay: false)
        let result = try await Subprocess.run(
            .program(command[0]), arguments: Arguments(command.dropFirst() + ["-c", script]),
            environment: python.environment(home: directory),
            output: .string(limit: 64 << 10), error: .combinedWithOutput)
        return result.standardOutput
    }

    /// Each attempt succeeds outside, so the sandbox causes the failure inside.
    @Test func `reaches no server, not even on this machine`() async throws {
        try await withListener { port in
            try await withDirectory { directory in
                let script = """
                    import socket
                    try:
                        socket.create_connection(("127.0.0.1", \(port)), 5)
                        print("connected")
                    except OSError as error:
                        print(error)
                    """
                let outside = try await attempt(script, in: directory, nil)
                #expect(outside == "connected\n")
                let inside = try await attempt(script, in: directory)
                #expect(inside.contains("refused"))
            }
        }
    }

    @Test func `has no route to the instance's metadata`() async throws {
        try await withDirectory { directory in
            let script = """
                import socket
                try:
                    socket.create_connection(("169.254.169.254", 80), 5)
                except OSError as error:
                    print(error.strerror)
                """
            let printed = try await attempt(script, in: directory)
            #expect(printed == "Network is unreachable\n")
        }
    }

    @Test func `reads no environment but its own`() async throws {
        try await withDirectory { directory in
            let secret = "hush-\(UUID().uuidString)"
            // A process with a secret, as the worker has credentials.
            let holder = try await Subprocess.run(
                .name("sleep"), arguments: ["60"], environment: .inherit.updating(["KEY": secret]),
                input: .none, output: .discarded, error: .discarded
            ) { execution in
                let script = """
                    import glob
                    for path in glob.glob("/proc/[0-9]*/environ"):
                        try:
                            text = open(path).read()
                        except OSError:
                            continue
                        if "\(secret)" in text and "-c" not in open(path[:-7] + "cmdline").read():
                            print("found")
                    """
                let outside = try await attempt(script, in: directory, nil)
                #expect(outside == "found\n")
                let inside = try await attempt(script, in: directory)
                #expect(inside == "")
                try execution.send(signal: .kill)
            }
            #expect(holder.terminationStatus == .signaled(SIGKILL))
        }
    }

    @Test func `sees and writes its own directory, and no other`() async throws {
        try await withDirectory { other in
            try write(Array("another attempt's".utf8), to: "\(other)/frame_0001.png")
            try await withDirectory { directory in
                let script = """
                    import os
                    open("own", "w").write("here")
                    print(os.path.exists("\(other)"), os.listdir("/tmp"), os.path.exists("/root"))
                    for path in ["/usr/share/x", "/opt/x", "/etc/alternatives/x"]:
                        try:
                            open(path, "w")
                        except OSError as error:
                            print(error.strerror)
                    """
                let name = try #require(directory.split(separator: "/").last)
                let printed = try await attempt(script, in: directory)
                #expect(
                    printed == """
                        False ['\(name)'] False
                        Read-only file system
                        Read-only file system
                        Read-only file system

                        """)
                #expect(try read("\(directory)/own") == Array("here".utf8))
            }
        }
    }

    @Test func `leaves no privilege to its program`() async throws {
        try await withDirectory { directory in
            let script = """
                print(*(line.split()[1] for line in open("/proc/self/status")
                        if line.startswith(("CapEff", "CapBnd", "NoNewPrivs"))))
                """
            let none = String(repeating: "0", count: 16)
            let printed = try await attempt(script, in: directory)
            #expect(printed == "\(none) \(none) 1\n")
        }
    }

    @Test func `that protects nothing is found`() async throws {
        try await withDirectory { directory in
            let open = "\(directory)/bwrap"
            // Only runs the command after its options.
            try write(
                Array(#"#!/bin/sh\#nwhile [ "$1" != -- ]; do shift; done; shift; exec "$@""#.utf8),
                to: open)
            #expect(unsafe chmod(open, 0o755) == 0)
            let leak = try #require(await Sandbox(program: open).leak())
            #expect(leak.contains("has a network"))
            #expect(leak.contains("reads other processes' environment"))
            #expect(leak.contains("sees other attempts"))
        }
    }

    @Test func `that can't be made reports that`() async throws {
        #expect(await Sandbox(program: "no-such-bwrap").leak()?.contains("no-such-bwrap") == true)
        #expect(
            await Sandbox(program: "false").leak()?.contains("can't make a sandbox here") == true)
    }

    // MARK: Blender in the sandbox

    private let program = BlenderProgram.sandboxed

    @Test func `runs Blender, which renders the same picture`() async throws {
        #expect(try await program.version() == BlenderProgram.tried.version())
        try await withDirectory { directory in
            var pictures: [[UInt8]] = []
            for (name, program) in [("in", program), ("out", BlenderProgram.tried)] {
                let folder = "\(directory)/\(name)"
                try FileManager.default.createDirectory(
                    atPath: folder, withIntermediateDirectories: false)
                let shelf = Shelf()
                try await BlenderEngine(program).render(.tiny(in: folder, frames: "2-3")) {
                    shelf.put($0)
                }
                #expect(shelf.numbers == [2, 3])
                pictures.append(try pixels(read("\(folder)/frame_0003.png")))
            }
            #expect(pictures[0] == pictures[1])
        }
    }

    /// The compressed picture. Text chunks hold the time of day, so they are left out.
    private func pixels(_ png: [UInt8]) throws -> [UInt8] {
        let start = try #require(png.firstRange(of: Array("IDAT".utf8)))
        return Array(png[start.lowerBound...])
    }

    @Test func `shows a project's other files, and no other scene`() throws {
        let frames = try FrameRange(first: 1, last: 1)
        let request = RenderRequest(
            scene: "/var/scenes/1/film/a.blend",
            settings: RenderSettings(
                file: "film/a.blend", scene: "S", frames: frames, engine: .cycles,
                resolution: Resolution(width: 1, height: 1), format: .png),
            frames: frames, directory: "/var/attempts/1", log: "/var/attempts/1.log",
            frameLimit: FrameLimit(.seconds(1)))
        #expect(
            request.view == Sandbox.View(directory: "/var/attempts/1", files: ["/var/scenes/1"]))
    }

    @Test func `reports a Blender that crashed or ran out of memory`() async throws {
        try await withDirectory { directory in
            let fake = BlenderProgram(fixture("fake-blender.sh"), sandbox: Sandbox())
            let request = try RenderRequest.tiny(in: directory) {
                $0.engine = Engine("CRASH")
                $0.camera = fixture("frame.png")
            }
            let stop = await #expect(throws: RenderError.self) {
                try await BlenderEngine(fake).render(request) { _ in }
            }
            guard case .failed(let failure)? = stop else { throw try #require(stop) }
            #expect(failure.kind == .crashed)
            #expect(failure.message.contains("signal 11 in frame 2"))
        }
    }

    @Test(arguments: ["HANG", "STUBBORN"])
    func `has no process left when a render is canceled`(_ way: String) async throws {
        try await withDirectory { directory in
            let fake = BlenderProgram(fixture("fake-blender.sh"), sandbox: Sandbox())
            let request = try RenderRequest.tiny(in: directory) {
                $0.engine = Engine(way)
                $0.camera = fixture("frame.png")
            }
            let full = PortError(.disk, "store frame 1", "no room")
            await #expect(throws: RenderError.storing(full)) {
                try await BlenderEngine(fake).render(request) { (_) throws(PortError) in throw full
                }
            }
            #expect(try await processes(of: directory) == "")
        }
    }

    /// The worker is killed, and Blender ignores the end of its input.
    @Test func `ends with the process that made it`() async throws {
        try await withDirectory { directory in
            let command = Sandbox().wrapping(
                ["sh", "-c", "setsid sleep 600 & touch begun; sleep 600"],
                Sandbox.View(directory: directory))
            let shell =
                #""$@" & while [ ! -e \#(directory)/begun ]; do sleep 0.05; done; kill -9 $$"#
            let result = try await Subprocess.run(
                .name("sh"), arguments: Arguments(["-c", shell, "sh"] + command),
                environment: .inherit.updating(["TMPDIR": directory]), output: .discarded)
            #expect(result.terminationStatus == .signaled(SIGKILL))
            try await endOfProcesses(of: directory)
        }
    }

    /// A server on loopback while `body` runs.
    private func withListener(_ body: (Int) async throws -> Void) async throws {
        let script = """
            import socket, time
            server = socket.create_server(("127.0.0.1", 0))
            print(server.getsockname()[1], flush=True)
            time.sleep(60)
            """
        _ = try await Subprocess.run(
            .name("python3"), arguments: ["-c", script], input: .none,
            output: .sequence, error: .discarded
        ) { execution in
            for try await port in execution.standardOutput.strings() {
                try await body(try #require(Int(port)))
                break
            }
            try execution.send(signal: .kill)
        }
    }
}

@Suite struct `The setting of the sandbox` {
    @Test func `has three values`() throws {
        #expect(try SandboxMode(nil) == .preferred)
        #expect(try SandboxMode("required") == .required)
        #expect(try SandboxMode("off") == .off)
        let refused = #expect(throws: RenderFailure.self) { try SandboxMode("yes") }
        #expect(refused?.message.contains("required, preferred, off") == true)
    }

    @Test func `decides what happens where no sandbox can be made`() async throws {
        let none = Sandbox(program: "false")
        let (sandbox, warning) = try await SandboxMode.preferred.resolve(by: none)
        #expect(sandbox == nil)
        #expect(warning?.contains("can't make a sandbox here") == true)
        #expect(try await SandboxMode.off.resolve(by: none).0 == nil)
        let refused = await #expect(throws: RenderFailure.self) {
            try await SandboxMode.required.resolve(by: none)
        }
        #expect(refused?.kind == .noBlender)
        #expect(refused?.message.contains("Install bubblewrap") == true)
    }
}
