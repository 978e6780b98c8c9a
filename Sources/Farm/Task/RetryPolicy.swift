/// How often a task may fail before it is failed for good: a budget for each class of error, so that one of
/// another class takes nothing from it. The number is that of the failure that is the last.
package struct RetryPolicy: Hashable, Sendable {
    /// A scene at fault stays so on any machine.
    package var scene: Int
    /// A fault of the moment passes; one that came three times is no matter of the moment.
    package var blender: Int
    /// Elsewhere more may be free, or there; where it is not it fails alike, and takes other programs with it.
    package var memory: Int
    /// Another machine may be quicker; each try costs the whole of the time limit.
    package var timeout: Int
    /// Says nothing of the task. Yet when three workers have no Blender or can't reach the store, all are so.
    package var machine: Int
    /// Grows with each failure, so that a passing fault has time to pass.
    package var delayPerFailure: Duration

    /// Past these a task is for On-Demand workers only, where the farm may have any. At the worst reclaim rate on record (1.3 an
    /// instance-hour) a task so often interrupted does not fit on Spot.
    package static let interruptionsMax = 10
    /// For so long a worker leaves a task that it failed to others: one that is idle asks for work every ten
    /// seconds, one that renders is done with most frames by then. After that it may be the only one.
    package static let othersFirst: Duration = .seconds(60)

    package init(
        scene: Int = 1, blender: Int = 3, memory: Int = 2, timeout: Int = 2, machine: Int = 3,
        delayPerFailure: Duration = .seconds(5)
    ) {
        precondition(
            [scene, blender, memory, timeout, machine].allSatisfy { $0 >= 1 },
            "A task may fail at least once.")
        self.scene = scene
        self.blender = blender
        self.memory = memory
        self.timeout = timeout
        self.machine = machine
        self.delayPerFailure = delayPerFailure
    }

    /// `nil` where there is no last one.
    package func failuresMax(of errorClass: ErrorClass) -> Int? {
        switch errorClass {
        case .scene: scene
        case .blender: blender
        case .memory: memory
        case .timeout: timeout
        case .machine: machine
        case .interruption: nil
        }
    }

    /// `memory error (the 2nd ends the task)`
    package func words(for errorClass: ErrorClass) -> String {
        guard let countMax = failuresMax(of: errorClass) else {
            return "\(errorClass.rawValue) (uses no retry)"
        }
        guard countMax > 1 else { return "\(errorClass.rawValue) error (not retried)" }
        let last = [2: "the 2nd", 3: "the 3rd"][countMax] ?? "the \(countMax)th"
        return "\(errorClass.rawValue) error (\(last) ends the task)"
    }

    func delay(afterFailures count: Int) -> Duration { delayPerFailure * count }
}
