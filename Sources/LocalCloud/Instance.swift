package import FoundationEssentials

/// One pretended EC2 instance: what it is, and where it stands.
///
///     starting ─▶ running ─▶ noticed | cut | stopping ─┐
///         └──────────┴─────────────────────────────────┴▶ ended ─▶ (left the group, replaced by Auto Scaling)
package struct Instance: Hashable, Sendable {
    package enum State: Hashable, Sendable {
        /// Its metadata endpoint and its worker are being started.
        case starting
        case running(ProcessRecord)
        /// EC2 will take it away at the deadline, whatever its worker does until then.
        case noticed(ProcessRecord, deadline: Date)
        /// Its power is being cut, without a word before.
        case cut(ProcessRecord)
        /// Scale-in: the worker was asked to drain, and is killed when it takes too long.
        case stopping(ProcessRecord, since: Date)
        case ended(Ending)
    }

    package enum Ending: Hashable, Sendable {
        /// EC2 took the capacity back.
        case reclaimed
        /// The group got smaller.
        case scaledIn
        /// The worker ended by itself, or could not be started; the text says how.
        case died(String)

        package var reason: String {
            switch self {
            case .reclaimed: "spot interruption"
            case .scaledIn: "scale-in"
            case .died(let how): how
            }
        }
    }

    package let id: String
    package let zone: String
    package let launched: Date
    package var state: State

    package init(id: String, zone: String, launched: Date, state: State = .starting) {
        self.id = id
        self.zone = zone
        self.launched = launched
        self.state = state
    }

    package var process: ProcessRecord? {
        switch state {
        case .running(let process), .noticed(let process, _), .cut(let process),
            .stopping(let process, _):
            process
        case .starting, .ended: nil
        }
    }
}

/// One line of an Auto Scaling group's list.
package struct GroupMember: Hashable, Sendable {
    package let id: String
    package let zone: String

    package init(id: String, zone: String) {
        self.id = id
        self.zone = zone
    }
}
