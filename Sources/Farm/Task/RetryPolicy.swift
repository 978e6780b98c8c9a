/// How often a task may fail before it has failed for good. Each class of error has its own budget:
/// with a budget of three, the third failure is the last one.
package struct RetryPolicy: Hashable, Sendable {
    /// A fault of the scene shows on every machine.
    package var scene: Int
    /// A temporary fault passes. A fault that came three times is not temporary.
    package var blender: Int
    /// Another machine may have more memory. Further tries would fail alike, and endanger other
    /// programs.
    package var memory: Int
    /// Another machine may be faster, but each try costs the whole time limit.
    package var timeout: Int
    /// The task is not at fault. But when three workers have no Blender or no access to the store,
    /// the others probably have none either.
    package var machine: Int
    /// The delay grows with each failure, so that a temporary fault has time to pass.
    package var delayPerFailure: Duration

    /// After more interruptions a task is for On-Demand workers only, if the farm may have any. At
    /// the worst reclaim rate on record (1.3 an instance-hour) such a task is too long for Spot.
    package static let interruptionsMax = 10
    /// How long a worker leaves a task that it failed to other workers. Idle workers ask for work
    /// every ten seconds, and busy ones finish most frames in this time. After it, the worker may
    /// be the only one.
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

    /// `nil` for a class without a last failure.
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
