internal import Farm

/// An event that changes what the farm knows of its instances.
package enum FleetEvent: Hashable, Sendable {
    case instance(InstanceEvent)
    case launchFailure(LaunchFailureEvent)

    /// Chooses the event by the envelope's `detail-type`.
    ///
    /// - Throws: `EventError` when the type is unknown or `detail` lacks a field that the type
    ///   needs.
    package init(_ event: EventBridgeEvent) throws(EventError) {
        if event.detailType == LaunchFailureEvent.detailType {
            self = .launchFailure(try LaunchFailureEvent(event))
        } else {
            self = .instance(try InstanceEvent(event))
        }
    }
}

/// Takes an event from EventBridge to the use case that answers it.
package struct AnswerFleetEvent: Sendable {
    private let notice: AnswerInterruption
    private let shortage: RecordCapacityShortage

    package init(notice: AnswerInterruption, shortage: RecordCapacityShortage) {
        self.notice = notice
        self.shortage = shortage
    }

    /// - Parameter json: the event as Lambda passes it on.
    /// - Throws: `EventError` for an event of another kind, `PortError` when AWS fails. Lambda then
    ///   delivers the event again.
    package func handle(json: [UInt8]) async throws -> Answer {
        switch try FleetEvent(EventBridgeEvent(json: json)) {
        case .instance(let event): Answer(try await notice.handle(event))
        case .launchFailure(let event): Answer(isOurs: try await shortage.handle(event))
        }
    }

    /// The function's response. EventBridge ignores it; a person who invokes the function reads it.
    package struct Answer: Encodable, Hashable, Sendable {
        /// Whether the instance or group belongs to this farm.
        package let isOurs: Bool
        /// Tasks that are back in the queue.
        package var requeued: [String] = []
        /// Tasks that stay with the worker, because the worker has promised to finish them.
        package var left: [String] = []

        init(isOurs: Bool) {
            self.isOurs = isOurs
        }

        init(_ outcome: AnswerInterruption.Outcome) {
            isOurs = if case .foreign = outcome { false } else { true }
            requeued = outcome.tasks(.handedBack).map(\.description)
            left = outcome.tasks(.left).map(\.description)
        }
    }
}
