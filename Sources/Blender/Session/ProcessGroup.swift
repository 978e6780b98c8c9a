import FoundationEssentials
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

    /// Bytes that the largest of its processes has had in memory at most (VmHWM, proc(5)): that is
    /// Blender, since what starts it is small. `nil` where the system doesn't say, or nothing is left.
    var memoryPeak: Int64? {
        var processes = [leader]
        var index = 0
        while index < processes.count, index < Self.processesMax {
            let process = processes[index]
            processes += Self.text("\(process)/task/\(process)/children").split(separator: " ")
                .compactMap { pid_t($0) }
            index += 1
        }
        return processes.prefix(Self.processesMax).compactMap { process in
            let lines = Self.text("\(process)/status").split(separator: "\n")
            let words = lines.first { $0.hasPrefix("VmHWM:") }?.split { $0 == "\t" || $0 == " " }
            return words.flatMap { $0.count == 3 ? Int64($0[1]) : nil }.map { $0 << 10 }
        }.max()
    }

    /// A shell, bubblewrap and its like, a display, Blender: a scene may have it start more.
    private static let processesMax = 32

    /// Empty when the process is gone.
    private static func text(_ path: String) -> String {
        FileManager.default.contents(atPath: "/proc/" + path).map {
            String(decoding: $0, as: UTF8.self)
        } ?? ""
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
