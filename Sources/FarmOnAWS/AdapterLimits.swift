/// The bounds of the adapters, each with its reason.
enum AdapterLimits {
    /// Items of one list: enough for a hundred thousand tasks with several attempts each.
    static let itemsMax = 500_000
    /// Tasks of one page, so that a page stays below the 1 MB that DynamoDB reads at a time.
    static let pageMax = 1_000
    /// 2^53: whole numbers that a Double holds exactly. In milliseconds it is longer than 280,000
    /// years, and in billionths of a dollar 9 million dollars.
    static let numberMax: UInt64 = 1 << 53
    /// About six seconds of pauses. Many tasks that end together all update their job's item.
    static let conflictsMax = 12
    /// Rounds of one `create` while other writers create the same items.
    static let creationRoundsMax = 8
    /// An overloaded SQS accepts a batch in part. The client also retries each request.
    static let sendRoundsMax = 5
    /// Characters kept of a failure's end, which has Blender's last lines. This keeps items far
    /// below DynamoDB's 400 KB and dead letters below SQS's 256 KiB. A task that is too large to be
    /// written would fail for ever.
    static let reasonLengthMax = 8_000
}
