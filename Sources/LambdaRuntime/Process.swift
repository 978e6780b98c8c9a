internal import FoundationEssentials
import Glibc

/// A moment in milliseconds since the Unix epoch.
package struct UnixTime: Hashable, Sendable, CustomStringConvertible {
    package let milliseconds: Int64

    package init(milliseconds: Int64) {
        precondition(milliseconds >= 0, "The system's clock is not before 1970.")
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

/// Writes all bytes in as few writes as the kernel allows: one write on a pipe, up to 4 KiB.
@Sendable package func writeToStandardError(_ bytes: [UInt8]) {
    var rest = bytes[...]
    while !rest.isEmpty {
        let count = unsafe rest.withUnsafeBytes {
            unsafe write(STDERR_FILENO, $0.baseAddress, $0.count)
        }
        if count < 0, errno == EINTR { continue }
        // The log is closed, so the error can't be reported.
        guard count > 0 else { return }
        rest = rest.dropFirst(count)
    }
}

/// The variable from which AWS's libraries read the current trace.
enum TraceVariable {
    static let name = "_X_AMZN_TRACE_ID"

    /// Called between invocations only, when no other thread reads the environment.
    @Sendable static func set(_ traceID: String?) {
        if let traceID {
            unsafe setenv(name, traceID, 1)
        } else {
            unsafe unsetenv(name)
        }
    }
}
