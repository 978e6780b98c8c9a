internal import Farm

/// The notification that EC2 takes an instance back.
struct NoticeMessage: Hashable, Sendable {
    let subject: String
    let text: String

    init(_ worker: WorkerRecord, _ responses: [NoticeRecord.Response]) {
        subject = "Spot interruption in \(worker.pool)"
        var sentences = [
            "EC2 takes the instance \(worker.id) (\(worker.pool)) back.",
            Self.sentence(
                responses, .handedBack, "is in the queue again", "are in the queue again"),
            Self.sentence(
                responses, .left, "will be finished before the instance ends",
                "will be finished before the instance ends"),
        ].compactMap(\.self)
        if responses.allSatisfy({ $0.action == .stale }) {
            sentences.append("The worker has handed its tasks back. No work is lost.")
        } else {
            sentences.append("No work is lost.")
        }
        sentences.append(
            "You need not do anything. If this happens often, allow more instance types (the stack's"
                + " parameter InstanceTypes) or more Availability Zones (WorkerSubnets).")
        text = sentences.joined(separator: "\n")
    }

    /// Names at most ten tasks: nobody reads more, and a message holds 256 KB.
    private static func sentence(
        _ responses: [NoticeRecord.Response], _ action: NoticeRecord.Response.Action,
        _ one: String, _ many: String
    ) -> String? {
        let tasks = responses.filter { $0.action == action }.map { "\($0.task)" }
        guard !tasks.isEmpty else { return nil }
        let names = tasks.prefix(10).joined(separator: ", ")
        let more = tasks.count > 10 ? " and \(tasks.count - 10) more" : ""
        return tasks.count == 1 ? "Task \(names) \(one)." : "Tasks \(names)\(more) \(many)."
    }
}
