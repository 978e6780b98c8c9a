package import FoundationEssentials

/// One pretended EC2 instance: what it is, and where it stands.
///
///     starting ─▶ running ─┬▶ noticed | cut ───────┐
///         │          │     └▶ leaving ─▶ stopping ─┤
///         └──────────┴─────────────────────────────┴▶ ended ─▶ (left the group, replaced by Auto Scaling)
package struct Instance: Hashable, Sendable {
    package enum State: Hashable, Sendable {
        /// Its metadata endpoint and its worker are being started.
        case starting
        case running(ProcessRecord)
        /// EC2 will take it away at the deadline, whatever its worker does until then.
        case noticed(ProcessRecord, deadline: Date)
        /// Its power is being cut, without a word before.
        case cut(ProcessRecord)
        /// Scale-in: Auto Scaling holds the end up until someone says that the tasks are safe.
        case leaving(ProcessRecord)
        /// The worker was asked to drain, and is killed when it takes too long.
        case stopping(ProcessRecord, since: Date)
        case ended(Ending)
    }

    package enum Ending: Hashable, Sendable {
        /// EC2 took the capacity back.
        case reclaimed
        /// Its power was cut.
        case lost
        /// The group got smaller.
        case scaledIn
        /// The worker ended by itself, or could not be started; the text says how.
        case died(String)

        package var reason: String {
            switch self {
            case .reclaimed: "spot interruption"
            case .lost: "cut off"
            case .scaledIn: "scale-in"
            case .died(let how): how
            }
        }

        /// Whether EC2 tells of it: it does of every end that it brings about, and not of a machine
        /// that falls silent.
        var isTold: Bool { self != .lost }
    }

    package let id: String
    package let zone: String
    package let isSpot: Bool
    package let launched: Date
    package var state: State

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
}

/// One line of an Auto Scaling group's list.
package struct GroupMember: Hashable, Sendable {
    package let id: String
    package let zone: String
    /// Of the Spot group, not the On-Demand one.
    package let isSpot: Bool
    /// Auto Scaling ends it, and waits for the lifecycle hook to be completed.
    package var isLeaving: Bool

    package init(id: String, zone: String, isSpot: Bool = true, isLeaving: Bool = false) {
        self.id = id
        self.zone = zone
        self.isSpot = isSpot
        self.isLeaving = isLeaving
    }
}
