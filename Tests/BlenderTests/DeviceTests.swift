import Farm
import FoundationEssentials
import Subprocess
import Testing

@testable import Blender

/// The real program with a stand-in for `bpy` that has the devices of some machine.
@Suite struct `The choice of a device` {
    struct Machine: Sendable, CustomTestStringConvertible {
        let testDescription: String
        /// The backends of this Blender build, each with its processors.
        var backends: [String: [String]] = ["OPTIX": [], "CUDA": [], "HIP": []]
        var nodes = ""
        var wished = "CPU"
        var usesOpenShading = false
        var engine = "CYCLES"
        /// Lists devices like Blender 2.9.
        var isOld = false
        /// The expected output: messages, the answer, then the device and the processors in use.
        let printed: String
    }

    static let machines = [
        Machine(
            testDescription: "NVIDIA's, with both of its backends",
            backends: ["OPTIX": ["L4"], "CUDA": ["L4"], "HIP": []], nodes: "/dev/nvidia0",
            printed: "OPTIX: L4\nGPU L4\n"),
        Machine(
            testDescription: "two, of a driver without OptiX",
            backends: ["OPTIX": [], "CUDA": ["T4", "T4"], "HIP": []], nodes: "/dev/nvidia0",
            printed: "CUDA: T4, T4\nGPU T4 T4\n"),
        Machine(
            testDescription: "AMD's, in a Blender built without OptiX",
            backends: ["CUDA": [], "HIP": ["V520"]], nodes: "/dev/kfd", wished: "GPU",
            printed: "HIP: V520\nGPU V520\n"),
        Machine(
            testDescription: "NVIDIA's, listed as Blender 2.9 does",
            backends: ["OPTIX": [], "CUDA": ["T4"]], isOld: true,
            printed: "CUDA: T4\nGPU T4\n"),
        Machine(testDescription: "none", printed: "CPU\nCPU \n"),
        Machine(
            testDescription: "none, though the scene asks for one", wished: "GPU",
            printed: """
                SPOTRENDER remark the scene asks for a graphics processor and renders on the CPU
                CPU
                CPU \n
                """),
        Machine(
            testDescription: "one that Cycles does not find", nodes: "/dev/nvidia0",
            printed: """
                CPU, since Cycles finds no graphics processor behind /dev/nvidia0: \
                is its driver installed, and in this Blender?
                CPU \n
                """),
        Machine(
            testDescription: "one that can't run the scene's shaders",
            backends: ["OPTIX": [], "CUDA": ["T4"], "HIP": []], nodes: "/dev/nvidia0",
            usesOpenShading: true,
            printed: "CPU, since the scene uses Open Shading Language\nCPU \n"),
        Machine(
            testDescription: "one, and an engine that does not ask",
            backends: ["OPTIX": ["L4"]], engine: "BLENDER_EEVEE", printed: "None\nCPU \n"),
    ]

    @Test(arguments: machines)
    func `follows the processors that Cycles finds`(_ machine: Machine) async throws {
        let backends = machine.backends.map { "\"\($0)\": \($1)" }.joined(separator: ", ")
        let stand = """
            import sys
            from types import SimpleNamespace as Thing

            BACKENDS = {\(backends)}

            class Preferences:
                devices = []
                wanted = "NONE"

                @property
                def compute_device_type(self):
                    return self.wanted

                @compute_device_type.setter
                def compute_device_type(self, name):
                    if name not in BACKENDS:
                        raise TypeError(f"enum {name} not found")
                    self.wanted = name

                def get_devices(self):
                    cpu = Thing(name="EPYC", type="CPU", use=True)
                    self.devices = [cpu] + [
                        Thing(name=name, type=self.wanted, use=False)
                        for name in BACKENDS[self.wanted]]

                \(machine.isOld ? "pass" : "refresh_devices = get_devices")

            preferences = Preferences()
            addons = {"cycles": Thing(preferences=preferences)}
            sys.modules["bpy"] = Thing(context=Thing(preferences=Thing(addons=addons)))
            cycles = Thing(device="\(machine.wished)",
                           shading_system=\(machine.usesOpenShading ? "True" : "False"))
            scene = Thing(render=Thing(engine="\(machine.engine)"), cycles=cycles)

            """
        let end = """

            from spotrender.devices import choose_device

            print(choose_device(scene, "\(machine.nodes)"))
            print(cycles.device, *[device.name for device in preferences.devices
                                   if cycles.device == "GPU" and device.use])
            """
        let result = try await Subprocess.run(
            .name("python3"),
            arguments: ["-c", stand + PythonModule.program(of: [.protocol, .devices]) + end],
            output: .string(limit: 64 << 10), error: .combinedWithOutput)
        #expect(
            result.standardOutput.trimmingBlanks == machine.printed.trimmingBlanks)
    }

    /// The Blender of this machine, with the names of processors that do not exist.
    @Test(.enabled(if: GraphicsDevices.processors.isEmpty))
    func `is a warning when a worker starts on a machine whose processors Cycles can't use`()
        async throws
    {
        let shelf = try await InstalledBlenders(
            list: "blender", searchPath: BlenderProgram().searchPath,
            processors: ["/dev/nvidia0", "/dev/nvidia1"])
        let version = try #require(shelf.versions.first)
        let reason =
            "Blender \(version): Cycles finds no "
            + "graphics processor behind /dev/nvidia0, /dev/nvidia1: is its driver installed, and in "
            + "this Blender?"
        #expect(shelf.warnings == [reason])
        #expect(shelf.graphics == reason)
    }

    @Test
    func `is reported for each Blender, without a warning where Cycles can use the processor`()
        async throws
    {
        try await withDirectory { directory in
            for (version, answer) in [
                ("4.5.1", "SPOTRENDER device OPTIX: L4"), ("4.2.0", "no cycles"),
            ] {
                let folder = "\(directory)/\(version)"
                try FileManager.default.createDirectory(
                    atPath: folder, withIntermediateDirectories: false)
                try write(
                    Array("#!/bin/sh\necho Blender \(version)\necho '\(answer)'\n".utf8),
                    to: folder + "/blender")
                try FileManager.default.setAttributes(
                    [.posixPermissions: 0o755], ofItemAtPath: folder + "/blender")
            }
            let shelf = try await InstalledBlenders(
                list: nil, folder: directory, searchPath: "/nowhere", processors: ["/dev/nvidia0"])
            let blind = "Blender 4.2.0: Cycles does not report what it renders on: no cycles"
            #expect(shelf.warnings == [blind])
            #expect(shelf.graphics == "\(blind); Blender 4.5.1: OPTIX: L4")
            let without = try await InstalledBlenders(
                list: nil, folder: directory, searchPath: "/nowhere", processors: [])
            #expect(without.graphics == nil && without.warnings.isEmpty)
        }
    }

    /// The bus of a g6 instance with its L4, Amazon's virtual display, a disk, and AMD's V520.
    @Test func `knows processors on the bus that no driver serves`() async throws {
        try await withDirectory { directory in
            let devices = [
                ("0000:00:03.0", "0x030000", "0x1d0f", "0x1111"),
                ("0000:00:1e.0", "0x030200", "0x10de", "0x27b8"),
                ("0000:00:1f.0", "0x010802", "0x1d0f", "0xcd01"),
                ("0000:00:20.0", "0x038000", "0x1002", "0x7362"),
            ]
            for (name, kind, vendor, device) in devices {
                try FileManager.default.createDirectory(
                    atPath: "\(directory)/\(name)", withIntermediateDirectories: false)
                for (file, word) in [("class", kind), ("vendor", vendor), ("device", device)] {
                    try write(Array("\(word)\n".utf8), to: "\(directory)/\(name)/\(file)")
                }
            }
            #expect(GraphicsDevices.onBus(in: directory) == ["PCI 10de:27b8", "PCI 1002:7362"])
            #expect(GraphicsDevices.onBus(in: "/nowhere") == [])
        }
    }

    @Test(.enabled(if: GraphicsDevices.processors.isEmpty))
    func `is in the log of this machine's Blender`() async throws {
        try await withDirectory { directory in
            let request = try RenderRequest.tiny(in: directory, frames: "1-1")
            try await BlenderEngine().render(request) { _ in }
            let log = String(decoding: try read(request.log), as: UTF8.self)
            #expect(log.contains(" device CPU\n"))
        }
    }
}
