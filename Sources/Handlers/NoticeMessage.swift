internal import Farm

/// An interruption in words, for a person.
struct NoticeMessage: Hashable, Sendable {
    let subject: String
    let text: String

    init(_ worker: WorkerRecord, _ event: InstanceEvent, _ responses: [NoticeRecord.Response]) {
        subject = "Spot interruption in \(worker.pool)"
        var sentences = [
            "EC2 takes the instance \(worker.id) (\(worker.pool)) back.",
            Self.sentence(
                responses, .handedBack, "waits in the queue again", "wait in the queue again"),
            Self.sentence(
                responses, .left, "will be finished by its worker before the end",
                "will be finished by their worker before the end"),
        ].compactMap(\.self)
        if responses.allSatisfy({ $0.action == .stale }) {
            sentences.append("Its worker has handed back what it had; no work is lost.")
        } else {
            sentences.append("No work is lost.")
        }
        sentences.append(
            "Nothing needs to be done. If this comes often, allow more instance types (the stack's"
                + " parameter InstanceTypes) or more Availability Zones (WorkerSubnets).")
        text = sentences.joined(separator: "\n")
    }

    /// Names ten at most: a message holds 256 KB, and nobody reads so many.
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
