package import AWS
package import Farm

/// Reads notices from the instance metadata service: `spot/instance-action`, the rebalance
/// recommendation and Auto Scaling's target state.
package struct IMDSNotices: NoticeSource {
    private let imds: IMDS

    package init(_ imds: IMDS) {
        self.imds = imds
    }

    /// Returns an interruption notice at once, so that an error in the other two requests can't
    /// hide it.
    package func notices() async throws(PortError) -> [Notice] {
        let operation = "ask the instance for notices"
        do throws(IMDSError) {
            if let action = try await imds.spotInstanceAction() {
                guard let cause = Interruption.Cause(action: action.action) else {
                    throw IMDSError.unreadable(path: "spot/instance-action (\(action.action))")
                }
                return [.interruption(cause, deadline: timestamp(action.time))]
            }
            if try await imds.targetLifecycleState() == "Terminated" { return [.termination] }
            return try await imds.rebalanceNotice().map { [.rebalance(since: timestamp($0))] } ?? []
        } catch {
            throw PortError(error, operation)
        }
    }

    private func timestamp(_ time: UTCTime) -> Timestamp {
        Timestamp(milliseconds: time.millisecondsSinceEpoch)
    }
}
