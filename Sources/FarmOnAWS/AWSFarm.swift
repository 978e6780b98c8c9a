package import AWS
package import Farm
package import HTTP
package import Logging

/// All ports of a deployed farm. Every program begins by making one.
package struct AWSFarm: Sendable {
    package let jobs: any JobStore
    package let tasks: any TaskStore
    package let workers: any WorkerStore
    package let notices: any NoticeStore
    package let fleetStore: any FleetStore
    package let queue: any TaskQueue
    package let scenes: any SceneStore
    package let frames: any FrameStore & FrameReader
    package let slices: any SliceStore
    package let time: any TimeSource
    package let lease: LeaseTerms
    /// For AWS services that are no port of the farm: Auto Scaling, EC2.
    package let client: AWSClient
    /// Items that lists left out.
    package let unreadable: UnreadableItems

    /// Reads the variables that the stack's template sets, and AWS's own.
    ///
    /// - Throws: `SettingsError` or `AWSError`, which name what is missing.
    package init(
        environment: [String: String], transport: any HTTPTransport, log: Logger
    ) throws {
        let settings = try Settings(environment: environment)
        client = try AWSClient(environment: environment, transport: transport, logger: log)
        let time = SystemTime()
        unreadable = UnreadableItems(log: log)
        let table = FarmTable(
            DynamoDB(client), name: settings.table, time: time, retention: settings.retention,
            unreadable: unreadable)
        let s3 = S3(client)
        jobs = DynamoDBJobStore(table)
        tasks = DynamoDBTaskStore(table)
        workers = DynamoDBWorkerStore(table)
        notices = DynamoDBNoticeStore(table)
        fleetStore = DynamoDBFleetStore(table)
        queue = SQSTaskQueue(
            SQS(client), url: settings.queueURL, highURL: settings.highQueueURL,
            onDemandURL: settings.onDemandQueueURL, deadLetterURL: settings.deadLetterQueueURL,
            logger: log)
        scenes = S3SceneStore(s3)
        frames = S3FrameStore(s3, bucket: settings.outputBucket)
        slices = S3SliceStore(s3, bucket: settings.outputBucket)
        self.time = time
        lease = settings.lease
    }

    package func protection(of worker: WorkerID) -> any InstanceProtection {
        AutoScalingProtection(AutoScaling(client), of: worker)
    }
}
