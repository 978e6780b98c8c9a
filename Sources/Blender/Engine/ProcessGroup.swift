import Glibc

/// A process that leads a group of its own, and whatever it started.
struct ProcessGroup: Hashable, Sendable {
    let leader: pid_t

    /// Ends every process of the group at once. A group that is gone is none of our business.
    func kill() {
        send(SIGKILL)
    }

    func terminate() {
        send(SIGTERM)
    }

    private func send(_ signal: Int32) {
        precondition(leader > 1, "A group is led by a process of ours.")
        // The only failure left is ESRCH: there is nobody to end.
        _ = Glibc.kill(-leader, signal)
    }
}

/// Bytes that may still be written where `path` is, or `nil` when the system doesn't say.
func freeByteCount(at path: String) -> Int64? {
    var status = statvfs()
    guard unsafe statvfs(path, &status) == 0 else { return nil }
    return Int64(status.f_bavail) * Int64(status.f_frsize)
}
