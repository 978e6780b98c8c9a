import Operations
package import Farm
import FoundationEssentials

/// Where the contract of `SceneStore` is checked.
package struct SceneStage: Sendable {
    package let scenes: any SceneStore
    package let bucket: String
    /// Uploads a scene as a user does: bytes, key, metadata.
    package let upload: @Sendable ([UInt8], String, [String: String]) async throws -> Void
    /// An empty directory of the test's own.
    package let directory: String

    package init(
        scenes: any SceneStore, bucket: String, directory: String,
        upload: @escaping @Sendable ([UInt8], String, [String: String]) async throws -> Void
    ) {
        self.scenes = scenes
        self.bucket = bucket
        self.directory = directory
        self.upload = upload
    }

    private static let bytes = (0..<200_000).map { UInt8(truncatingIfNeeded: $0 &* 31 >> 3) }

    private func uploaded(
        _ bytes: [UInt8], as key: String, metadata: [String: String] = [:]
    ) async throws -> UploadedScene {
        try await upload(bytes, key, metadata)
        let scene = try await scenes.find(bucket: bucket, key: key, version: nil)
        return try require(scene, "The uploaded scene is not there.")
    }

    package static let rules: [ContractRule<SceneStage>] = [
        ContractRule("A scene that is not there is nil.") { stage in
            let scene = try await stage.scenes.find(
                bucket: stage.bucket, key: "nowhere.blend", version: nil)
            try require(scene, equals: nil, "the scene")
        },
        ContractRule("A scene is found with its size and metadata, whatever its key.") { stage in
            let key = "späte Szenen/a+b %20 (1).blend"
            let scene = try await stage.uploaded(
                bytes, as: key, metadata: ["frames": "1-24", "chunk": "2"])
            try require(scene.object.key, equals: key, "the key")
            try require(scene.object.byteCount, equals: Int64(bytes.count), "the size")
            try require(scene.metadata["frames"], equals: "1-24", "the metadata")
            try require(scene.metadata["chunk"], equals: "2", "the metadata")
            let named = try await stage.scenes.find(
                bucket: stage.bucket, key: key, version: scene.object.version)
            try require(named, equals: scene, "the scene of that version")
        },
        ContractRule("A range is read as asked, cut off at the end.") { stage in
            let scene = try await stage.uploaded(bytes, as: "range.blend").object
            let middle = try await stage.scenes.read(1_000..<70_000, of: scene)
            try require(middle == Array(bytes[1_000..<70_000]), "The middle differs.")
            let end = try await stage.scenes.read(199_990..<300_000, of: scene)
            try require(end, equals: Array(bytes[199_990...]), "the end")
            let nothing = try await stage.scenes.read(200_000..<200_010, of: scene)
            try require(nothing, equals: [], "what is past the end")
        },
        ContractRule("An empty scene has no bytes.") { stage in
            let scene = try await stage.uploaded([], as: "empty.blend").object
            try require(scene.byteCount, equals: 0, "the size")
            try require(
                try await stage.scenes.read(0..<12, of: scene), equals: [], "its bytes")
            let path = stage.directory + "/empty.blend"
            try await stage.scenes.download(scene, to: path)
            try require(
                [UInt8](try Data(contentsOf: URL(filePath: path))), equals: [], "the file")
        },
        ContractRule("A download is the whole scene.") { stage in
            let scene = try await stage.uploaded(bytes, as: "whole.blend").object
            let path = stage.directory + "/whole.blend"
            try await stage.scenes.download(scene, to: path)
            try require([UInt8](try Data(contentsOf: URL(filePath: path))) == bytes, "It differs.")
        },
        ContractRule("A scene that is gone is missing, and leaves no file.") { stage in
            let scene = SceneObject(
                bucket: stage.bucket, key: "gone.blend", version: nil, entityTag: "\"x\"",
                byteCount: 3)
            let path = stage.directory + "/gone.blend"
            try await requireMissing { try await stage.scenes.download(scene, to: path) }
            try await requireMissing { _ = try await stage.scenes.read(0..<3, of: scene) }
            let left = try FileManager.default.contentsOfDirectory(atPath: stage.directory)
            try require(left.filter { $0.contains("gone") }, equals: [], "the files")
        },
        ContractRule("Where nothing can be written, the disk is to blame.") { stage in
            let scene = try await stage.uploaded(bytes, as: "disk.blend").object
            let path = stage.directory + "/no/such/directory/disk.blend"
            do {
                try await stage.scenes.download(scene, to: path)
            } catch let error as PortError {
                return try require(error.kind, equals: .disk, "the kind of \(error)")
            }
            throw ContractViolation("The download had nowhere to go, and went through.")
        },
    ]

    private static func requireMissing(_ work: () async throws -> Void) async throws {
        do {
            try await work()
        } catch let error as PortError {
            return try require(error.kind, equals: .missing, "the kind of \(error)")
        }
        throw ContractViolation("Reading what is gone went through.")
    }
}

/// Where the contract of `WorkerStore` is checked.
package struct WorkerStage: Sendable {
    package let workers: any WorkerStore
    package let time: any TimeSource
    /// Goes into every worker's name.
    package let run: String

    package init(workers: any WorkerStore, time: any TimeSource, run: String) {
        self.workers = workers
        self.time = time
        self.run = run
    }

    private func worker(
        _ name: String, _ state: WorkerRecord.State = .booting, prices: [PriceStep] = []
    ) -> WorkerRecord {
        WorkerRecord(
            id: WorkerID("i-\(name)-\(run)"), pool: FarmStage.pool, lifecycle: .spot,
            state: state, seen: .testStart, launched: Timestamp(milliseconds: 1), prices: prices,
            diskGiB: prices.isEmpty ? nil : 40,
            graphics: prices.isEmpty ? nil : "Blender 4.5.15: OPTIX: L4",
            jobs: [JobID("a-1"), JobID("b-2")], framesDone: 3,
            progress: prices.isEmpty
                ? nil
                : WorkerRecord.Progress(
                    task: TaskID(job: JobID("b-2"), number: 7), start: .testStart, framesStored: 2,
                    frame: FrameProgress(frame: -3, samples: 5, samplesMax: 64)))
    }

    private static let prices = [
        PriceStep(time: .testStart, price: Money(nanodollars: 123_456_789)),
        PriceStep(time: .testStart + .seconds(3600), price: Money(nanodollars: 3)),
    ]

    package static let rules: [ContractRule<WorkerStage>] = [
        ContractRule("A worker reads back as it was last saved.") { stage in
            let unknown = try await stage.workers.worker(stage.worker("unknown").id)
            try require(unknown, equals: nil, "an unknown worker")
            for state in WorkerRecord.State.allCases {
                for prices in [[], Self.prices] {
                    let revision = try await stage.workers.worker(stage.worker("saved").id)?
                        .revision
                    var worker = stage.worker("saved", state, prices: prices)
                    worker.revision = revision ?? 0
                    let task = TaskID(job: JobID("shot-12345678"), number: 7)
                    worker.progress =
                        prices.isEmpty ? nil : .init(task: task, start: .testStart, framesStored: 2)
                    let saved = try await stage.workers.save(worker)
                    let stored = try await stage.workers.worker(worker.id)
                    try require(stored, equals: saved, "the worker")
                    worker.revision += 1
                    try require(stored, equals: worker, "the worker")
                }
            }
        },
        ContractRule("The second of two writes on the same revision is refused.") { stage in
            let new = stage.worker("contended", .idle)
            let idle = try require(try await stage.workers.save(new), "A new worker was refused.")
            try require(
                try await stage.workers.save(new), equals: nil, "a second worker of the same name")
            var (drained, rendering) = (idle, idle)
            drained.apply(.drain(.scaleIn), at: .testStart + .seconds(1))
            rendering.apply(
                .begin(TaskID(job: JobID("b-2"), number: 8)), at: .testStart + .seconds(1))
            let first = try await stage.workers.save(drained)
            try require(try await stage.workers.save(rendering), equals: nil, "the second write")
            try require(try await stage.workers.worker(new.id), equals: first, "the worker")
        },
        ContractRule("Workers are listed until they are gone.") { stage in
            let (here, gone) = (stage.worker("here", .idle), stage.worker("gone", .idle))
            let saved = try await stage.workers.save(here)
            _ = try await stage.workers.save(gone)
            try await stage.workers.change(gone.id) { $0.apply(.end, at: .testStart) }
            try await eventually("the workers", by: stage.time) {
                try await stage.workers.openWorkers()
            } until: { workers in
                workers.contains { $0 == saved } && !workers.contains { $0.id == gone.id }
            }
        },
    ]
}
