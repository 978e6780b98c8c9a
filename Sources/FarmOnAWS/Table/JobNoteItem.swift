internal import AWS
internal import Farm

/// Notes on a job, and why it failed, as values.
enum JobNoteItem {
    static func item(_ note: JobNote) -> DynamoDB.Item {
        switch note {
        case .budgetSpent(let spent, let budget, let framesLeft):
            [
                kind: "budgetSpent", "spent": .number(spent.nanodollars),
                "budget": .number(budget.nanodollars), "framesLeft": .number(framesLeft),
            ]
        case .budgetShort(let spent, let budget, let framesPaid, let framesLeft):
            [
                kind: "budgetShort", "spent": .number(spent.nanodollars),
                "budget": .number(budget.nanodollars), "framesPaid": .number(framesPaid),
                "framesLeft": .number(framesLeft),
            ]
        case .missingAssembly(let reason):
            [kind: "missingAssembly", "reason": text(reason)]
        case .blankFrames(let count):
            [kind: "blankFrames", "count": .number(count)]
        }
    }

    static func note(_ reader: ItemReader) throws(PortError) -> JobNote {
        switch try reader.string(kind) {
        case "budgetSpent":
            .budgetSpent(
                spent: Money(nanodollars: try reader.int64("spent")),
                budget: Money(nanodollars: try reader.int64("budget")),
                framesLeft: try reader.int("framesLeft"))
        case "budgetShort":
            .budgetShort(
                spent: Money(nanodollars: try reader.int64("spent")),
                budget: Money(nanodollars: try reader.int64("budget")),
                framesPaid: try reader.int("framesPaid"),
                framesLeft: try reader.int("framesLeft"))
        case "missingAssembly": .missingAssembly(reason: try reader.string("reason"))
        case "blankFrames": .blankFrames(count: try reader.int("count"))
        default: throw reader.malformed(kind)
        }
    }

    static func item(_ failure: JobFailure) -> DynamoDB.Item {
        switch failure {
        case .refused(let reason):
            [kind: "refused", "reason": text(reason)]
        case .canaryFailed(let untried, let reason):
            [kind: "canaryFailed", "untried": .number(untried), "reason": text(reason)]
        case .firstTasksFailed(let count, let untried, let reason):
            [
                kind: "firstTasksFailed", "count": .number(count), "untried": .number(untried),
                "reason": text(reason),
            ]
        case .tasksFailed(let count, let total):
            [kind: "tasksFailed", "count": .number(count), "total": .number(total)]
        }
    }

    static func failure(_ reader: ItemReader) throws(PortError) -> JobFailure {
        switch try reader.string(kind) {
        case "refused": .refused(try reader.string("reason"))
        case "canaryFailed":
            .canaryFailed(
                untried: try reader.int("untried"), reason: try reader.string("reason"))
        case "firstTasksFailed":
            .firstTasksFailed(
                count: try reader.int("count"), untried: try reader.int("untried"),
                lastReason: try reader.string("reason"))
        case "tasksFailed":
            .tasksFailed(count: try reader.int("count"), of: try reader.int("total"))
        default: throw reader.malformed(kind)
        }
    }

    /// Names of scenes and files are in it, and the uploader chooses how many there are.
    private static func text(_ reason: String) -> AttributeValue {
        .s(String(reason.prefix(AdapterLimits.reasonLengthMax)))
    }

    private static let kind = "kind"
}
