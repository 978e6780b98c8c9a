/// Metrics of the fleet, for dashboards and alarms.
///
/// CloudWatch namespace `Spotrender`, dimension `Stack`.
package enum FleetMetric: String, Hashable, Sendable, CaseIterable {
    // Published by the scaler at each tick.
    /// Remaining render time in seconds, on an instance of one unit.
    case backlogSeconds = "BacklogSeconds"
    case openTasks = "OpenTasks"
    /// Visible and hidden messages divided by instances in service, at least one.
    case queueDepthPerInstance = "QueueDepthPerInstance"
    /// Seconds since the upload of the oldest job with open tasks.
    case oldestTaskAge = "OldestTaskAge"
    /// The cost of the workers' instances at their last known prices.
    case dollarsPerHour = "DollarsPerHour"
    /// Frames per hour of the busy workers at measured speeds.
    case framesPerHour = "FramesPerHour"
    case spotDesired = "SpotDesired"
    case spotInService = "SpotInService"
    case onDemandDesired = "OnDemandDesired"
    case onDemandInService = "OnDemandInService"
    // Published by the interruption handler for each event.
    case interruptions = "Interruptions"
    case launchFailures = "LaunchFailures"

    package static let namespace = "Spotrender"
    package static let dimension = "Stack"

    /// CloudWatch's name of the unit ("MetricDatum", CloudWatch API reference).
    package var unit: String {
        switch self {
        case .backlogSeconds, .oldestTaskAge: "Seconds"
        case .openTasks, .spotDesired, .spotInService, .onDemandDesired, .onDemandInService,
            .interruptions, .launchFailures:
            "Count"
        case .queueDepthPerInstance, .dollarsPerHour, .framesPerHour: "None"
        }
    }

    /// The published form, in the order of names.
    package static func list(
        _ values: [FleetMetric: Double]
    ) -> [(name: String, unit: String, value: Double)] {
        values.map { ($0.key.rawValue, $0.key.unit, $0.value) }.sorted { $0.0 < $1.0 }
    }
}

extension FleetDecision {
    /// The scaler's metrics of one tick.
    ///
    /// - Parameter depth: Visible and hidden messages.
    package func metrics(_ view: FleetView, depth: Int) -> [FleetMetric: Double] {
        let members = Set((view.spot.members + view.onDemand.members).map(\.id))
        let workers = view.workers.filter { members.contains($0.id) }
        let inService = view.spot.inServiceCount + view.onDemand.inServiceCount
        let oldest = view.jobs.filter { $0.currentTaskCount > 0 }.map(\.created).min()
        let jobs = Dictionary(
            view.jobs.map { ($0.id, $0) }, uniquingKeysWith: { first, _ in first })
        let framesPerHour = workers.reduce(0.0) { sum, worker in
            guard let job = worker.progress.flatMap({ jobs[$0.task.job] }),
                let seconds = job.tally.secondsPerFrame(on: worker.pool.instanceType), seconds > 0
            else { return sum }
            return sum + 3600 / seconds
        }
        return [
            .backlogSeconds: tick.backlogSeconds, .openTasks: Double(tick.openTasks),
            .queueDepthPerInstance: Double(depth) / Double(max(1, inService)),
            .oldestTaskAge: oldest.map { (view.now - $0).seconds } ?? 0,
            .dollarsPerHour: workers.compactMap(\.pricePerHour).sum / .dollar,
            .framesPerHour: framesPerHour,
            .spotDesired: Double(spot.desired ?? view.spot.desired),
            .spotInService: Double(view.spot.inServiceCount),
            .onDemandDesired: Double(onDemand.desired ?? view.onDemand.desired),
            .onDemandInService: Double(view.onDemand.inServiceCount),
        ]
    }
}
