import AWS
import Farm
import FarmTesting
import FoundationEssentials
import Testing

@testable import FarmOnAWS

@Suite(.needsCloud) struct `The farm in DynamoDB` {
    @Test(arguments: FarmStage.jobRules + FarmStage.taskRules)
    func `keeps the contract`(_ rule: ContractRule<FarmStage>) async throws {
        let cloud = try TestCloud()
        let table = try await cloud.makeTable()
        try await rule.check(
            FarmStage(
                jobs: DynamoDBJobStore(table), tasks: DynamoDBTaskStore(table),
                time: SystemTime(), run: cloud.run))
    }

    @Test(arguments: FleetStoreStage.rules)
    func `keeps the contract of the scaler's memory`(
        _ rule: ContractRule<FleetStoreStage>
    ) async throws {
        let table = try await TestCloud().makeTable()
        try await rule.check(
            FleetStoreStage(fleetStore: DynamoDBFleetStore(table), time: SystemTime()))
    }

    @Test(arguments: WorkerStage.rules)
    func `keeps the workers' contract`(_ rule: ContractRule<WorkerStage>) async throws {
        let cloud = try TestCloud()
        let table = try await cloud.makeTable()
        try await rule.check(
            WorkerStage(
                workers: DynamoDBWorkerStore(table), time: SystemTime(), run: cloud.run))
    }

    @Test(arguments: NoticeStage.rules)
    func `keeps the notices' contract`(_ rule: ContractRule<NoticeStage>) async throws {
        let cloud = try TestCloud()
        let table = try await cloud.makeTable()
        try await rule.check(
            NoticeStage(notices: DynamoDBNoticeStore(table), run: cloud.run))
    }
}

@Suite(.needsCloud) struct `The task queue in SQS` {
    private struct DeadLetter: Decodable {
        let job: String
        let task: Int
    }

    @Test(arguments: QueueStage.rules)
    func `keeps the contract`(_ rule: ContractRule<QueueStage>) async throws {
        let cloud = try TestCloud()
        let (url, highURL, onDemandURL, deadLetterURL) = try await (
            cloud.makeQueue("tasks"), cloud.makeQueue("high"), cloud.makeQueue("on-demand"),
            cloud.makeQueue("dead-letters")
        )
        let sqs = SQS(cloud.client)
        let queue = SQSTaskQueue(
            sqs, url: url, highURL: highURL, onDemandURL: onDemandURL,
            deadLetterURL: deadLetterURL, logger: .silent)
        let stage = QueueStage(queue: queue, time: SystemTime()) {
            try await sqs.receiveMessages(
                queue: deadLetterURL, countMax: 10, waitSeconds: 0, visibilitySeconds: 0
            ).map {
                let letter = try JSONDecoder().decode(DeadLetter.self, from: Data($0.body.utf8))
                return TaskID(job: JobID(letter.job), number: letter.task)
            }
        }
        try await rule.check(stage)
    }
}

@Suite(.needsCloud) struct `The stores in S3` {
    @Test(arguments: SceneStage.rules, [true, false])
    func `keep the scenes' contract`(
        _ rule: ContractRule<SceneStage>, _ isVersioned: Bool
    ) async throws {
        let cloud = try TestCloud()
        let bucket = try await cloud.makeBucket(isVersioned: isVersioned)
        let s3 = S3(cloud.client)
        try await withTemporaryDirectory { directory in
            let stage = SceneStage(
                scenes: S3SceneStore(s3), bucket: bucket, directory: directory
            ) { bytes, key, metadata in
                try await s3.putObject(
                    S3.Object(bucket: bucket, key: key), .bytes(bytes),
                    label: S3.Label(metadata: metadata))
            }
            try await rule.check(stage)
        }
    }

    @Test func `refuse further reads of a replaced scene`() async throws {
        let cloud = try TestCloud()
        let bucket = try await cloud.makeBucket(isVersioned: false)
        let s3 = S3(cloud.client)
        let object = S3.Object(bucket: bucket, key: "a.blend")
        try await s3.putObject(object, .bytes([1, 2, 3]))
        let scenes = S3SceneStore(s3)
        let found = try await scenes.find(bucket: bucket, key: "a.blend", version: nil)
        let scene = try #require(found).object
        try await s3.putObject(object, .bytes([4, 5, 6]))
        let error = await #expect(throws: PortError.self) {
            try await scenes.read(0..<2, of: scene)
        }
        #expect(error?.kind == .missing)
    }

    @Test func `read the uploaded version after it was replaced`() async throws {
        let cloud = try TestCloud()
        let bucket = try await cloud.makeBucket(isVersioned: true)
        let s3 = S3(cloud.client)
        let object = S3.Object(bucket: bucket, key: "a.blend")
        try await s3.putObject(object, .bytes([1, 2, 3]))
        let scenes = S3SceneStore(s3)
        let found = try await scenes.find(bucket: bucket, key: "a.blend", version: nil)
        let scene = try #require(found).object
        try await s3.putObject(object, .bytes([4, 5, 6]))
        // The whole object: MiniStack 1.5.33 does not read ranges of old versions.
        try await withTemporaryDirectory { directory in
            let path = directory + "/a.blend"
            try await scenes.download(scene, to: path)
            #expect([UInt8](try Data(contentsOf: URL(filePath: path))) == [1, 2, 3])
        }
    }

    @Test(arguments: FrameStage.rules)
    func `keep the frames' contract`(_ rule: ContractRule<FrameStage>) async throws {
        let cloud = try TestCloud()
        let bucket = try await cloud.makeBucket(isVersioned: false)
        let frames = S3FrameStore(S3(cloud.client), bucket: bucket)
        try await withTemporaryDirectory { directory in
            try await rule.check(
                FrameStage(frames: frames, run: cloud.run, directory: directory))
        }
    }

    @Test(arguments: SliceStage.rules)
    func `keep the slices' contract`(_ rule: ContractRule<SliceStage>) async throws {
        let cloud = try TestCloud()
        let bucket = try await cloud.makeBucket(isVersioned: false)
        let slices = S3SliceStore(S3(cloud.client), bucket: bucket)
        try await withTemporaryDirectory { directory in
            try await rule.check(
                SliceStage(slices: slices, run: cloud.run, directory: directory))
        }
    }

    @Test func `store a log that gzip can decompress`() async throws {
        let cloud = try TestCloud()
        let bucket = try await cloud.makeBucket(isVersioned: false)
        let s3 = S3(cloud.client)
        let task = TaskID(job: JobID("a-1a2b3c4d"), number: 12)
        let key = try await S3FrameStore(s3, bucket: bucket).storeLog(
            Array("Fra:1 Mem:8M".utf8), of: task, token: FencingToken(3))
        #expect(key == "logs/a-1a2b3c4d/task-000012.3.log.gz")
        let stored = try await s3.getObject(S3.Object(bucket: bucket, key: key))
        #expect(gunzip(stored.bytes) == Array("Fra:1 Mem:8M".utf8))
    }
}
