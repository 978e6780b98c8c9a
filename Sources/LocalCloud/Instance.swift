package import Farm
package import FoundationEssentials

/// One emulated EC2 instance: its properties and its state.
///
///     starting ─▶ running ─┬▶ noticed | cut ───────┐
///         │          │     └▶ leaving ─▶ stopping ─┤
///         └──────────┴─────────────────────────────┴▶ ended ─▶ (removed from its group)
///
/// `apply` holds every transition and returns the effects that `SpotEmulator` performs.
package struct Instance: Hashable, Sendable {
    package enum State: Hashable, Sendable {
        /// The emulator starts the metadata endpoint and the worker.
        case starting
        case running(ProcessRecord)
        /// EC2 ends the instance at the deadline, even if its worker has finished earlier.
        case noticed(ProcessRecord, deadline: Date)
        /// The power is cut. There was no notice.
        case cut(ProcessRecord)
        /// Auto Scaling ends the instance and waits until its lifecycle hook is completed.
        case leaving(ProcessRecord)
        /// The worker was asked to drain. The emulator kills the worker if draining takes too long.
        case stopping(ProcessRecord, since: Date)
        case ended(TerminationReason)
    }

    /// Why an instance ended.
    package enum TerminationReason: Hashable, Sendable {
        /// EC2 took the capacity back.
        case reclaimed
        case powerCut
        /// The group became smaller, or the local cloud was shut down.
        case scaledIn
        /// The worker ended on its own or did not start. The text says how.
        case workerEnded(String)

        package var text: String {
            switch self {
            case .reclaimed: "spot interruption"
            case .powerCut: "cut off"
            case .scaledIn: "scale-in"
            case .workerEnded(let how): how
            }
        }

        /// EC2 sends events about every end that it causes, but not about a crashed machine.
        var isAnnounced: Bool { self != .powerCut }
    }

    package let id: String
    package let zone: String
    package let isSpot: Bool
    package let launched: Date
    package private(set) var state: State

    package init(
        id: String, zone: String, isSpot: Bool = true, launched: Date, state: State = .starting
    ) {
        self.id = id
        self.zone = zone
        self.isSpot = isSpot
        self.launched = launched
        self.state = state
    }

    package var process: ProcessRecord? {
        switch state {
        case .running(let process), .noticed(let process, _), .cut(let process),
            .leaving(let process), .stopping(let process, _):
            process
        case .starting, .ended: nil
        }
    }

    /// Changes the state as `event` demands.
    ///
    /// - Returns: The effects, in the order in which to perform them. An event that does not fit
    ///   the state changes nothing and has no effects.
    package mutating func apply(_ event: Event, at now: Date) -> [Effect] {
        switch (event, state) {
        case (.workerStarted(let process), .starting):
            state = .running(process)
            return [.record(line(.running, at: now))]
        case (.notice(let method, let deadline), .running(let process)):
            state = .noticed(process, deadline: deadline)
            var line = line(.notice, at: now, reason: method.rawValue)
            line.deadline = deadline
            return [.record(line)]
                + (method == .eventBridge ? [] : [.showNotice(deadline: deadline)])
                + (method == .imds ? [] : [.announce(.interruptionWarning)])
        case (.powerCut, .running(let process)):
            state = .cut(process)
            let reason = DetectionStatistics.Method.kill.rawValue
            return [.record(line(.notice, at: now, reason: reason)), .killAll]
        case (.terminationBegan, .running(let process)):
            state = .leaving(process)
            return [.showTermination]
        case (.removedFromGroup, .running(let process)), (.removedFromGroup, .leaving(let process)):
            state = .stopping(process, since: now)
            return [
                .stopWorker(process), .record(line(.stopping, at: now)),
                .announce(.state("shutting-down")),
            ]
        case (.workerEnded(let how), .starting), (.workerEnded(let how), .running),
            (.workerEnded(let how), .leaving):
            return end(.workerEnded(how), at: now)
        case (.shutDown, .starting), (.shutDown, .running), (.shutDown, .leaving):
            return end(.scaledIn, at: now)
        case (.workerEnded, .stopping), (.shutDown, .stopping), (.killed, .stopping):
            return end(.scaledIn, at: now)
        case (.workerEnded, .cut), (.shutDown, .cut), (.killed, .cut):
            return end(.powerCut, at: now)
        case (.workerEnded, .noticed(_, let deadline)), (.shutDown, .noticed(_, let deadline)):
            // A worker that drains before the deadline leaves an empty instance.
            return now < deadline ? [] : end(.reclaimed, at: now)
        case (.killed, .noticed):
            return end(.reclaimed, at: now)
        case (.workerStarted, _), (.notice, _), (.powerCut, _), (.terminationBegan, _),
            (.removedFromGroup, _), (.workerEnded, _), (.shutDown, _), (.killed, _):
            return []
        }
    }

    private mutating func end(_ reason: TerminationReason, at now: Date) -> [Effect] {
        // An instance that was asked to stop has had this event already.
        let isAnnouncedAlready = if case .stopping = state { true } else { false }
        state = .ended(reason)
        let record = Effect.record(line(.terminate, at: now, reason: reason.text))
        guard reason.isAnnounced else { return [record] }
        return [record]
            + (isAnnouncedAlready ? [] : [.announce(.state("shutting-down"))])
            + [.announce(.state("terminated"))]
    }

    private func line(
        _ kind: Journal.Kind, at now: Date, reason: String? = nil
    ) -> Journal.Line {
        var line = Journal.Line(time: now, kind: kind, instance: id)
        line.reason = reason
        return line
    }
}

extension Instance {
    /// What happens to an instance after its launch.
    package enum Event: Hashable, Sendable {
        case workerStarted(ProcessRecord)
        /// EC2 announces the interruption by this method.
        case notice(DetectionStatistics.Method, deadline: Date)
        /// The instance fails. There is no notice.
        case powerCut
        /// Auto Scaling waits for the group's lifecycle hook before it ends the instance.
        case terminationBegan
        case removedFromGroup
        /// The worker's process ended. The text says how.
        case workerEnded(String)
        /// The worker's process ended because the local cloud shuts down.
        case shutDown
        /// Nothing runs on the instance any more, because the emulator killed it.
        case killed
    }

    /// An action that a transition requires.
    package enum Effect: Hashable, Sendable {
        case record(Journal.Line)
        /// The instance's metadata shows the interruption notice.
        case showNotice(deadline: Date)
        /// The instance's metadata shows that Auto Scaling ends the instance.
        case showTermination
        case announce(EmulatedEvent)
        case stopWorker(ProcessRecord)
        /// Kills every process on the instance.
        case killAll
    }
}
