import Glibc

/// A moment in milliseconds since the Unix epoch.
package struct UnixTime: Hashable, Sendable, CustomStringConvertible {
    package let milliseconds: Int64

    package init(milliseconds: Int64) {
        precondition(milliseconds >= 0, "no clock of ours reads a time before 1970")
        self.milliseconds = milliseconds
    }

    @Sendable package static func now() -> UnixTime {
        var time = timespec()
        unsafe clock_gettime(CLOCK_REALTIME, &time)
        return UnixTime(milliseconds: Int64(time.tv_sec) * 1000 + Int64(time.tv_nsec) / 1_000_000)
    }

    /// RFC 3339 in UTC with milliseconds, the form that Lambda filters by.
    package var description: String {
        let seconds = milliseconds / 1000
        let (year, month, day) = UnixTime.date(daysSinceEpoch: seconds / 86_400)
        let date = "\(padded(year, 4))-\(padded(month, 2))-\(padded(day, 2))"
        let hours = padded(seconds / 3600 % 24, 2)
        let minutes = padded(seconds / 60 % 60, 2)
        let rest = "\(padded(seconds % 60, 2)).\(padded(milliseconds % 1000, 3))"
        return "\(date)T\(hours):\(minutes):\(rest)Z"
    }

    /// Howard Hinnant's `civil_from_days`: years begin in March, so that leap days come last.
    private static func date(daysSinceEpoch days: Int64) -> (Int64, Int64, Int64) {
        let shifted = days + 719_468
        let era = shifted / 146_097
        let dayOfEra = shifted % 146_097
        let yearOfEra =
            (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let monthFromMarch = (5 * dayOfYear + 2) / 153
        let day = dayOfYear - (153 * monthFromMarch + 2) / 5 + 1
        let month = monthFromMarch < 10 ? monthFromMarch + 3 : monthFromMarch - 9
        return (yearOfEra + era * 400 + (month <= 2 ? 1 : 0), month, day)
    }

    private func padded(_ number: Int64, _ width: Int) -> String {
        let digits = String(number)
        return String(repeating: "0", count: max(0, width - digits.count)) + digits
    }
}

/// The whole of it in as few writes as the kernel allows: one, on a pipe, up to 4 KiB.
@Sendable package func writeToStandardError(_ bytes: [UInt8]) {
    var rest = bytes[...]
    while !rest.isEmpty {
        let count = unsafe rest.withUnsafeBytes {
            unsafe write(STDERR_FILENO, $0.baseAddress, $0.count)
        }
        if count < 0, errno == EINTR { continue }
        // Nobody reads the log any more, and there is no one left to tell.
        guard count > 0 else { return }
        rest = rest.dropFirst(count)
    }
}

/// Where AWS's libraries look for the current trace.
enum TraceVariable {
    static let name = "_X_AMZN_TRACE_ID"

    /// Called between invocations only, while no other thread of ours reads the environment.
    @Sendable static func set(_ traceID: String?) {
        if let traceID {
            unsafe setenv(name, traceID, 1)
        } else {
            unsafe unsetenv(name)
        }
    }
}
