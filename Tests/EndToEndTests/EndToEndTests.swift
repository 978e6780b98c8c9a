import Foundation
import Testing

/// The system as people use it: packaged programs, real Blender, real signals, and emulated AWS
/// that checks signatures and permissions. Tests share two workers, so they run one after another.
@Suite(.serialized, .enabled(if: LocalFarm.state != nil, "run by Tests/with-local-cloud.sh"))
struct `The farm on one machine` {
    let farm: LocalFarm

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

    @Test func `loses nothing when a worker is interrupted in the middle of a frame`() async throws
    {
        let scene = try await farm.scene("interrupted.blend", "--frames", "1-4")
        let answer = try await farm.render(
            scene, "--samples", "3000", "--interrupt", "both", "--interrupt-after", "3")
        #expect(answer.isSuccess, "\(answer.output)")
        #expect(answer.output.contains("gets its interruption notice"), "\(answer.output)")
        #expect(answer.output.contains(/interruptions +1 of/), "\(answer.output)")
        #expect(answer.output.contains(/retries +0/), "\(answer.output)")
        #expect(try farm.frameNames().count == 4)
        #expect(try farm.frameNames().allSatisfy { try farm.isPNG($0, width: 64, height: 36) })
    }

    @Test func `stores a scene's extra outputs, a contact sheet and a video`()
        async throws
    {
        let scene = try await farm.slicedScene(
            "two-outputs",
            """
            scene.frame_end, cycles.samples = 3, 4
            layer.use_pass_z = True
            image.file_format = "OPEN_EXR_MULTILAYER"
            add, layers, link, picture = compositor()
            link(layers.outputs["Image"], picture)
            first = add("OutputFile", name="Beauty", base_path="//beauty")
            first.format.file_format = "PNG"
            second = add("OutputFile", name="Depth", base_path="/depth/of/field_")
            second.format.file_format = "OPEN_EXR_MULTILAYER"
            link(layers.outputs["Image"], first.inputs["Image"])
            link(layers.outputs["Depth"], second.inputs["Image"])
            """)
        let answer = try await farm.render(scene)
        #expect(answer.isSuccess, "\(answer.output)")
        #expect(try farm.frameNames().count == 3)
        let all = try FileManager.default.subpathsOfDirectory(atPath: farm.frames.path())
        for number in 1...3 {
            #expect(all.contains("extras/Beauty/Image000\(number).png"))
            #expect(all.contains("extras/Depth/field_000\(number).exr"))
        }
        #expect(all.contains("contact-sheet.jpg"))
        let video = try await farm.run(
            "/usr/bin/env",
            [
                "ffprobe", "-v", "error", "-show_entries", "stream=codec_name,nb_frames", "-of",
                "csv=p=0", farm.frames.path() + "/video.mp4",
            ])
        #expect(video.output.contains("h264,3"), "\(video.output)")
    }

    private struct Report: Decodable {
        struct Bill: Decodable {
            struct Line: Decodable {
                let item: String
                let costUSD: Decimal
            }
            let lines: [Line]
            let totalUSD: Decimal
            let instancesUSD: Decimal
        }
        struct Run: Decodable {
            let file: String
            let framesDone: Int
            let devices: [String]
            let memoryPeakBytes: Int
            let phaseSeconds: [String: Double]
            let timeUseSeconds: [String: Double]
        }
        let bill: Bill
        let runs: [Run]
        let timeUseSeconds: [String: Double]
    }

    @Test func `reports a bill that adds up, and shows the owner's markup as text`() async throws {
        let name = "<img src=x onerror=alert(1)>.blend"
        let plain = try await farm.scene("plain.blend", "--frames", "1-2")
        let scene = farm.folder.path(percentEncoded: false) + "/" + name
        try FileManager.default.moveItem(atPath: plain, toPath: scene)
        let run = try await farm.render(scene)
        #expect(run.isSuccess, "\(run.output)")
        let job = try #require(run.output.firstMatch(of: /spotrender report ([a-z0-9-]+)/)).output.1
        let page = farm.folder.appending(path: "report.html")
        let answer = try await farm.run(
            "dist/spotrender",
            [
                "report", String(job), "--json", "--html", page.path(), "--stack",
                farm.state + "/env.sh",
            ])
        #expect(answer.isSuccess, "\(answer.output)")
        let report = try JSONDecoder().decode(Report.self, from: Data(answer.output.utf8))
        #expect(report.runs.map(\.file) == [name])
        #expect(report.runs.map(\.framesDone) == [2])
        let told = try #require(report.runs.first)
        #expect(told.devices == ["CPU"])
        #expect(told.memoryPeakBytes > 50 << 20)
        for phase in ["fetch", "open", "synchronize", "render", "store"] {
            #expect(try #require(told.phaseSeconds[phase]) > 0, "\(phase)")
        }
        let leased = told.timeUseSeconds.filter { !["boot", "idle", "drain"].contains($0.key) }
        #expect(told.phaseSeconds.values.reduce(0, +) <= leased.values.reduce(0, +))
        #expect(report.bill.totalUSD == report.bill.lines.reduce(0) { $0 + $1.costUSD })
        #expect(report.bill.instancesUSD > 0)
        for part in ["useful", "scene-load", "boot"] {
            #expect(try #require(report.timeUseSeconds[part]) > 0, "\(part)")
        }
        let text = try String(contentsOf: page, encoding: .utf8)
        #expect(!text.contains("<img src=x"))
        #expect(text.contains("&lt;img src=x onerror=alert(1)&gt;.blend"))
    }
}
