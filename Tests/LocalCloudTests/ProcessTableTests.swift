import Glibc
import Testing

@testable import LocalCloud

@Suite struct `The process table` {
    @Test func `reads a line of stat with any program name`() throws {
        let line = "4242 (a) b (c) S 1 4242 4200 0 -1 4194560 1 2 3 4 5 6 7 8 20 0 1 0 987654 1 2"
        let entry = try #require(ProcessTable.Stat(line: line))
        #expect(entry.record == ProcessRecord(pid: 4242, start: 987_654))
        #expect(entry.parent == 1)
        #expect(entry.session == 4200)
        #expect(!entry.isZombie)
    }

    @Test(arguments: ["", "1", "1 (x) S 1", "x (y) S 1 1 1 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 5"])
    func `rejects a malformed line`(_ line: String) {
        #expect(ProcessTable.Stat(line: line) == nil)
    }

    @Test func `distinguishes this process from another with its number`() throws {
        let own = try #require(ProcessTable.find(getpid())).record
        #expect(ProcessTable.isAlive(own))
        #expect(!ProcessTable.isAlive(ProcessRecord(pid: own.pid, start: own.start + 1)))
    }

    @Test func `finds no process for an unused variable`() {
        #expect(ProcessTable.marked("SPOTRENDER_LOCAL_STATE", "/nowhere/at/all").isEmpty)
    }
}
