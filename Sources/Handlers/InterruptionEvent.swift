package import Farm
internal import FoundationEssentials

/// EventBridge's "EC2 Spot Instance Interruption Warning".
///
/// Its resource ARN is malformed in published samples, so the instance is read from `detail` only.
package struct InterruptionEvent: Hashable, Sendable {
    package let id: String
    package let worker: WorkerID
    package let cause: Interruption.Cause

    package static let detailType = "EC2 Spot Instance Interruption Warning"

    package init(json: [UInt8]) throws(EventError) {
        let envelope: Envelope
        do {
            envelope = try JSONDecoder().decode(Envelope.self, from: Data(json))
        } catch {
            throw EventError(expected: Self.detailType, problem: "\(error)")
        }
        guard envelope.detailType == Self.detailType else {
            throw EventError(expected: Self.detailType, problem: "it is \(envelope.detailType)")
        }
        guard let cause = Interruption.Cause(action: envelope.detail.action) else {
            throw EventError(
                expected: Self.detailType, problem: "its action is \(envelope.detail.action)")
        }
        id = envelope.id
        worker = WorkerID(envelope.detail.instance)
        self.cause = cause
    }

    private struct Envelope: Decodable {
        let id: String
        let detailType: String
        let detail: Detail

        enum CodingKeys: String, CodingKey {
            case id, detail
            case detailType = "detail-type"
        }
    }

    private struct Detail: Decodable {
        let instance: String
        let action: String

        enum CodingKeys: String, CodingKey {
            case instance = "instance-id"
            case action = "instance-action"
        }
    }
}
