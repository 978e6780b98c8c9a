/// Figures of the instances of one kind: a row of the table by type, family or size.
package struct KindFigures: Hashable, Sendable {
    /// How instances are grouped.
    package enum Kind: String, Hashable, Sendable, CaseIterable {
        /// `c5a.2xlarge`
        case type
        /// `c5a`
        case family
        /// `2xlarge`
        case size

        package func name(of instanceType: String) -> String {
            let parts = instanceType.split(separator: ".", maxSplits: 1).map(String.init)
            guard parts.count == 2 else { return instanceType }
            return switch self {
            case .type: instanceType
            case .family: parts[0]
            case .size: parts[1]
            }
        }
    }

    package let kind: Kind
    package let name: String
    package let instanceCount: Int
    /// Frames that these instances stored.
    package let frameCount: Int
    /// Of the frames whose render time an attempt reported.
    package let secondsPerFrame: Double?
    /// Instance time that these jobs used, Spot and On-Demand.
    package let instanceTime: Duration
    /// The part on Spot instances: only these are interrupted.
    package let spotTime: Duration
    package let interruptionCount: Int
    /// Cost of a frame on Spot instances; `nil` without frames or without a price.
    package let spotPerFrame: Money?
    /// Cost of a frame at the On-Demand price, over all frames.
    package let onDemandPerFrame: Money?

    /// Interruptions per hundred hours of Spot instances; `nil` without Spot instances.
    package var interruptionsPer100Hours: Double? {
        spotTime > .zero ? Double(interruptionCount) * 100 / (spotTime / .seconds(3600)) : nil
    }

    /// One row for each name, in alphabetical order.
    package static func rows(
        _ kind: Kind, _ accounts: [InstanceAccount], of jobs: Set<JobID>,
        _ stored: StoredFrames
    ) -> [KindFigures] {
        Dictionary(grouping: accounts) { kind.name(of: $0.life.pool.instanceType) }
            .sorted { $0.key < $1.key }
            .map { KindFigures(kind, $0.key, $0.value, of: jobs, stored) }
    }

    private init(
        _ kind: Kind, _ name: String, _ accounts: [InstanceAccount], of jobs: Set<JobID>,
        _ stored: StoredFrames
    ) {
        let spot = accounts.filter { $0.life.lifecycle == .spot }
        let time = accounts.reduce(into: TimeUse()) { $0 += $1.timeUse(of: jobs) }
        let measured = accounts.reduce(0) { $0 + $1.reportedFrameCount(of: jobs) }
        self.kind = kind
        self.name = name
        instanceCount = accounts.count
        frameCount = accounts.reduce(0) { $0 + $1.frameCount(of: jobs, stored) }
        secondsPerFrame =
            measured > 0 ? time[.useful] / .seconds(1) / Double(measured) : nil
        instanceTime = accounts.reduce(.zero) { $0 + $1.duration(of: jobs) }
        spotTime = spot.reduce(.zero) { $0 + $1.duration(of: jobs) }
        interruptionCount = spot.count { $0.life.status.isInterruption }
        spotPerFrame = Self.perFrame(
            spot.map { $0.cost(of: jobs) }, spot.reduce(0) { $0 + $1.frameCount(of: jobs, stored) })
        onDemandPerFrame = Self.perFrame(
            accounts.map { account in account.onDemandCharge.map { account.part($0, of: jobs) } },
            frameCount)
    }

    private static func perFrame(_ amounts: [Money?], _ frameCount: Int) -> Money? {
        guard frameCount > 0, !amounts.contains(nil) else { return nil }
        return amounts.compactMap(\.self).sum.times(1, over: Int64(frameCount))
    }
}
