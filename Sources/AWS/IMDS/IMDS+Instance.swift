internal import FoundationEssentials

/// The identity of an instance.
package struct InstanceIdentity: Hashable, Sendable {
    package let id: String
    package let type: String
    /// For example `us-east-1a`.
    package let zone: String
    package let isSpot: Bool

    package init(id: String, type: String, zone: String, isSpot: Bool) {
        self.id = id
        self.type = type
        self.zone = zone
        self.isSpot = isSpot
    }
}

/// EC2's notice that it interrupts a Spot instance.
package struct SpotInstanceAction: Hashable, Sendable {
    /// `terminate`, `stop` or `hibernate`.
    package let action: String
    package let time: UTCTime

    package init(action: String, time: UTCTime) {
        self.action = action
        self.time = time
    }
}

extension IMDS {
    /// Reads the instance's identity, with four requests.
    package func identity() async throws(IMDSError) -> InstanceIdentity {
        InstanceIdentity(
            id: try await present("instance-id"), type: try await present("instance-type"),
            zone: try await present("placement/availability-zone"),
            isSpot: try await present("instance-life-cycle") == "spot")
    }

    /// The interruption notice, or `nil` while there is none.
    package func spotInstanceAction() async throws(IMDSError) -> SpotInstanceAction? {
        let path = "spot/instance-action"
        guard let document: ActionDocument = try await document(path) else { return nil }
        guard let time = UTCTime(iso8601: document.time) else { throw .unreadable(path: path) }
        return SpotInstanceAction(action: document.action, time: time)
    }

    /// When EC2 recommended to rebalance this instance, or `nil` while there is no recommendation.
    package func rebalanceNotice() async throws(IMDSError) -> UTCTime? {
        let path = "events/recommendations/rebalance"
        guard let document: RebalanceDocument = try await document(path) else { return nil }
        guard let time = UTCTime(iso8601: document.noticeTime) else {
            throw .unreadable(path: path)
        }
        return time
    }

    /// The state that Auto Scaling aims for: `InService`, `Terminated` and others. `nil` outside a
    /// group.
    package func targetLifecycleState() async throws(IMDSError) -> String? {
        try await metadata("autoscaling/target-lifecycle-state")
    }

    /// When EC2 launched the instance.
    package func launchTime() async throws(IMDSError) -> UTCTime {
        let path = "/latest/dynamic/instance-identity/document"
        guard let text = try await value(at: path) else { throw .status(404, path: path) }
        do {
            let document = try JSONDecoder().decode(IdentityDocument.self, from: Data(text.utf8))
            guard let time = UTCTime(iso8601: document.pendingTime) else {
                throw IMDSError.unreadable(path: path)
            }
            return time
        } catch {
            throw .unreadable(path: path)
        }
    }

    private struct IdentityDocument: Decodable {
        let pendingTime: String
    }

    private struct ActionDocument: Decodable {
        let action: String
        let time: String
    }

    private struct RebalanceDocument: Decodable {
        let noticeTime: String
    }

    private func present(_ path: String) async throws(IMDSError) -> String {
        guard let value = try await metadata(path) else { throw .status(404, path: path) }
        return value
    }

    private func document<Document: Decodable>(
        _ path: String
    ) async throws(IMDSError) -> Document? {
        guard let text = try await metadata(path) else { return nil }
        do {
            return try JSONDecoder().decode(Document.self, from: Data(text.utf8))
        } catch {
            throw .unreadable(path: path)
        }
    }
}
