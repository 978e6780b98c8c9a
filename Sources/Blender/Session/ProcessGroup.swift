import FoundationEssentials
import Glibc

/// A process that leads a group, and all processes that it started.
struct ProcessGroup: Hashable, Sendable {
    let leader: pid_t

    /// Ends every process of the group at once. A group that is already gone is no error.
    func kill() {
        send(SIGKILL)
    }

    func terminate() {
        send(SIGTERM)
    }

    /// The memory peak in bytes of the group's largest process (VmHWM, proc(5)). That process is
    /// Blender, since the programs that start it are small. `nil` where the system has no value, or
    /// no process is left.
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

    /// A shell, bubblewrap, a display, Blender. A scene may start more.
    private static let processesMax = 32

    /// Empty when the process is gone.
    private static func text(_ path: String) -> String {
        FileManager.default.contents(atPath: "/proc/" + path).map {
            String(decoding: $0, as: UTF8.self)
        } ?? ""
    }

    private func send(_ signal: Int32) {
        precondition(leader > 1, "A group is led by a process of ours.")
        // The only possible failure is ESRCH: the group is gone.
        _ = Glibc.kill(-leader, signal)
    }
}

/// Free bytes of the file system of `path`. `nil` when the system has no value.
func freeByteCount(at path: String) -> Int64? {
    var status = statvfs()
    guard unsafe statvfs(path, &status) == 0 else { return nil }
    return Int64(status.f_bavail) * Int64(status.f_frsize)
}
