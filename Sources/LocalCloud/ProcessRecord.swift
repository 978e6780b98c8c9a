/// A process, distinct from a later process with the same number.
package struct ProcessRecord: Codable, Hashable, Sendable {
    package let pid: Int32
    /// Ticks since boot: field 22 of /proc/PID/stat, proc(5).
    package let start: UInt64

    package init(pid: Int32, start: UInt64) {
        self.pid = pid
        self.start = start
    }
}
