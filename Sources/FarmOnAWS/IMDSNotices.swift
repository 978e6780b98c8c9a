package import AWS
package import Farm

/// What the instance metadata service announces: `spot/instance-action`, the rebalance
/// recommendation and Auto Scaling's target state.
package struct IMDSNotices: NoticeSource {
    private let imds: IMDS

    package init(_ imds: IMDS) {
        self.imds = imds
    }

    /// An end that is heard is told at once: no fault of the other two questions may hide it.
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
