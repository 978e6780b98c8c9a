internal import FoundationEssentials
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

    /// RFC 3339 in UTC with milliseconds: the format by which Lambda filters log lines.
    ///
    /// FoundationEssentials computes the calendar: see decision record 0024.
    package var description: String {
        // `Date` holds seconds as a Double. A microsecond more outweighs its rounding error.
        let date = Date(timeIntervalSince1970: (Double(milliseconds) + 0.001) / 1000)
        return Self.format.format(date)
    }

    private static let format = Date.ISO8601FormatStyle(includingFractionalSeconds: true)
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
