import Foundation
import Testing

/// Estimates of a scene's time and cost from one frame.
extension `The farm on one machine` {
    private struct Estimate: Decodable {
        struct Row: Decodable {
            let instanceType: String
            let instances: Int
            let wallSeconds: Double
            let onDemandCostUSD: Double
            let spotCostUSD: Double
        }
        let probeFrame: Int
        let probeSeconds: Double
        let framesTotal: Int
        let rows: [Row]
        let assumptions: [String]
        let probeInstanceType: String?
    }

    @Test(.timeLimit(.minutes(2)))
    func `estimates from one frame that it renders on this machine`() async throws {
        let scene = try await farm.scene("estimated.blend", "--frames", "1-9")
        let answer = try await farm.run(
            "dist/spotrender",
            [
                "estimate", scene, "--samples", "300", "--instances", "1,3", "--types",
                "c7a.2xlarge,m5a.2xlarge", "--json",
            ])
        #expect(answer.isSuccess, "\(answer.output)")
        let estimate = try JSONDecoder().decode(Estimate.self, from: Data(answer.output.utf8))
        #expect(
            estimate.probeFrame == 5 && estimate.framesTotal == 9 && estimate.probeSeconds > 0.1)
        #expect(estimate.rows.map(\.instances) == [1, 3, 1, 3])
        #expect(estimate.rows.allSatisfy { $0.onDemandCostUSD > $0.spotCostUSD })
        // A faster type and more instances take less time.
        let walls = Dictionary(grouping: estimate.rows, by: \.instanceType)
            .mapValues { $0.map(\.wallSeconds) }
        let (fast, slow) = (walls["c7a.2xlarge"] ?? [], walls["m5a.2xlarge"] ?? [])
        #expect(fast[0] < slow[0] && fast[1] < fast[0] && slow[1] < slow[0])
        #expect(estimate.assumptions.count == 4)
        #expect(estimate.probeInstanceType == nil)
        let wrong = try await farm.run("dist/spotrender", ["estimate", scene, "--frame", "12"])
        #expect(
            !wrong.isSuccess && wrong.output.contains("--frame 12 is not one of the frames 1-9"))
    }

    @Test(.timeLimit(.minutes(3)))
    func `estimates a project, on this machine and on an instance`() async throws {
        let project = try await project()
        let here = try await farm.command(
            "estimate", project.path(), "--file", "film/scene.blend", "--frames", "1-3", "--json")
        #expect(here.code == 0, "\(here)")
        #expect(try here.int("probeFrame") == 2 && here.int("framesTotal") == 3)

        let archive = farm.folder.appending(path: "project.zip").path()
        let packed = try await farm.run(
            "/usr/bin/env",
            ["python3", "-m", "zipfile", "-c", archive, project.path() + "/film"])
        #expect(packed.isSuccess, "\(packed.output)")
        let unpacked = try await farm.command(
            "estimate", archive, "--file", "scene.blend", "--frames", "1-3")
        #expect(unpacked.code == 0 && unpacked.output.contains("Frame 2 took"), "\(unpacked)")

        let there = try await farm.command(
            "estimate", archive, "--file", "scene.blend", "--frames", "1-3", "--split-samples", "4",
            "--on-instance", "--instances", "1,3", "--json")
        #expect(there.code == 0, "\(there)")
        let estimate = try JSONDecoder().decode(Estimate.self, from: Data(there.output.utf8))
        #expect(estimate.probeFrame == 2 && estimate.framesTotal == 3 && estimate.probeSeconds > 0)
        #expect(estimate.probeInstanceType?.contains(".") == true)
        #expect(!estimate.rows.isEmpty)
        let jobs = try await farm.command("jobs", "--all")
        #expect(jobs.output.contains(/probe-project.*succeeded/), "\(jobs)")
    }
}
