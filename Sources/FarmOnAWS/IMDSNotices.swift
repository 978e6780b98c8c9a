package import AWS
package import Farm

/// The instance metadata service's notice, `spot/instance-action`.
package struct IMDSNotices: NoticeSource {
    private let imds: IMDS

    package init(_ imds: IMDS) {
        self.imds = imds
    }

    package func notice() async throws(PortError) -> Notice? {
        let operation = "ask the instance for a notice"
        let action: SpotInstanceAction?
        do throws(IMDSError) {
            action = try await imds.spotInstanceAction()
        } catch {
            throw PortError(error, operation)
        }
        guard let action else { return nil }
        guard let cause = Interruption.Cause(rawValue: action.action), cause != .drain else {
            throw PortError(.malformed, operation, "EC2 announces “\(action.action)”")
        }
        return Notice(cause: cause, time: action.time.iso8601)
    }
}
