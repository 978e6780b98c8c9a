internal import Farm
internal import FoundationEssentials

/// The JSON of SQS messages.
enum MessageBody {
    private struct Hint: Codable {
        let job: String
        let task: Int
        let token: Int
    }

    private struct Failure: Codable {
        let job: String
        let task: Int
        let kind: String
        /// Missing in dead letters of earlier versions, like `errorsMax`.
        let errorClass: String?
        let errorsMax: Int?
        let reason: String
    }

    static func encode(_ message: TaskMessage) -> String {
        text(
            Hint(
                job: message.task.job.rawValue, task: message.task.number,
                token: message.token.rawValue))
    }

    /// `nil` when the message is not from a farm.
    static func decode(_ body: String, in lane: QueueLane = .shared) -> TaskMessage? {
        do {
            let hint = try JSONDecoder().decode(Hint.self, from: Data(body.utf8))
            return TaskMessage(
                task: TaskID(job: JobID(hint.job), number: hint.task),
                token: FencingToken(hint.token), lane: lane)
        } catch {
            return nil
        }
    }

    static func deadLetter(_ task: TaskID, _ failure: RenderFailure) -> String {
        text(
            Failure(
                job: task.job.rawValue, task: task.number, kind: failure.kind.rawValue,
                errorClass: failure.kind.errorClass.rawValue,
                errorsMax: RetryPolicy().failuresMax(of: failure.kind.errorClass),
                reason: FailureItem.text(failure)))
    }

    /// The content of a dead letter, or `nil` when it is not from a farm.
    static func decodeDeadLetter(_ body: String) -> DeadLetter.Content? {
        if let message = decode(body) { return .hint(message) }
        do {
            let letter = try JSONDecoder().decode(Failure.self, from: Data(body.utf8))
            guard let kind = RenderFailure.Kind(rawValue: letter.kind) else { return nil }
            return .failure(
                TaskID(job: JobID(letter.job), number: letter.task),
                RenderFailure(kind, letter.reason))
        } catch {
            return nil
        }
    }

    private static func text(_ value: some Encodable) -> String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        do {
            return String(decoding: try encoder.encode(value), as: UTF8.self)
        } catch {
            preconditionFailure("Every message can be encoded as JSON: \(error)")
        }
    }
}
