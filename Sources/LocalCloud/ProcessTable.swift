import FoundationEssentials
import Glibc

/// The machine's processes, as /proc shows them.
package enum ProcessTable {
    /// A process's line in /proc/PID/stat.
    package struct Stat: Hashable, Sendable {
        package let record: ProcessRecord
        package let parent: Int32
        package let session: Int32
        /// The process has ended, but its parent has not read its exit status yet.
        package let isZombie: Bool

        /// Reads the line of /proc/PID/stat. The name in brackets may contain any character.
        package init?(line: String) {
            guard
                let open = line.firstIndex(of: " "), let close = line.lastIndex(of: ")"),
                let pid = Int32(line[..<open])
            else { return nil }
            let fields = line[line.index(after: close)...].split(separator: " ")
            guard
                fields.count > 19, let parent = Int32(fields[1]), let session = Int32(fields[3]),
                let start = UInt64(fields[19])
            else { return nil }
            self.record = ProcessRecord(pid: pid, start: start)
            self.parent = parent
            self.session = session
            self.isZombie = fields[0] == "Z" || fields[0] == "X"
        }
    }

    package static func find(_ pid: Int32) -> Stat? {
        text("/proc/\(pid)/stat").flatMap(Stat.init(line:))
    }

    package static func isAlive(_ record: ProcessRecord) -> Bool {
        guard let entry = find(record.pid) else { return false }
        return entry.record == record && !entry.isZombie
    }

    package static func all() -> [Stat] {
        let names: [String]
        do {
            names = try FileManager.default.contentsOfDirectory(atPath: "/proc")
        } catch {
            preconditionFailure("/proc can be listed: this is Linux.")
        }
        return names.compactMap { Int32($0) }.compactMap(find).filter { !$0.isZombie }
    }

    /// Every running process that was started with `NAME=value`, and all of its descendants, except
    /// this process.
    ///
    /// Finds processes that lost their parent or started their own session.
    package static func marked(_ name: String, _ value: String) -> [ProcessRecord] {
        let entries = all()
        let wanted = "\(name)=\(value)"
        var found = Set(
            entries.map(\.record.pid).filter { pid in
                guard let environment = text("/proc/\(pid)/environ") else { return false }
                return environment.split(separator: "\0").contains { $0 == wanted }
            })
        var grown = true
        while grown {
            let children = entries.filter { found.contains($0.parent) }.map(\.record.pid)
            grown = !found.isSuperset(of: children)
            found.formUnion(children)
        }
        return entries.map(\.record).filter { found.contains($0.pid) && $0.pid != getpid() }
    }

    /// Sends a signal. A process that has ended is no error.
    package static func send(_ signal: Int32, to record: ProcessRecord) {
        // The number could only go to another process between this check and the signal if the
        // kernel had used up all other numbers in between.
        guard isAlive(record) else { return }
        _ = kill(record.pid, signal)
    }

    private static func text(_ path: String) -> String? {
        FileManager.default.contents(atPath: path).map { String(decoding: $0, as: UTF8.self) }
    }
}
