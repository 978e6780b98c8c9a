import FoundationEssentials
import HTTP
import Testing

@testable import LocalCloud

/// A folder of its own for a test, removed with it.
final class TemporaryFolder: Sendable {
    let path: String

    init() {
        path = FileManager.default.temporaryDirectory.path + "/spotrender-\(UUID().uuidString)"
        do {
            try FileManager.default.createDirectory(
                atPath: path, withIntermediateDirectories: true)
        } catch {
            preconditionFailure("The temporary folder can be written: \(error)")
        }
    }

    deinit {
        do {
            try FileManager.default.removeItem(atPath: path)
        } catch {
            Issue.record("\(path) could not be removed: \(error)")
        }
    }
}

@Suite struct `The state folder` {
    private let folder = TemporaryFolder()
    private var state: StateFolder { StateFolder(path: folder.path + "/local") }

    @Test func `keeps secrets from other users`() throws {
        try state.create()
        try state.write("AKIA secret", to: state.credentials)
        let attributes = try FileManager.default.attributesOfItem(atPath: state.credentials)
        #expect(attributes[.posixPermissions] as? Int == 0o600)
        let ofFolder = try FileManager.default.attributesOfItem(atPath: state.path)
        #expect(ofFolder[.posixPermissions] as? Int == 0o700)
    }

    @Test func `reads back what it wrote, over what was there`() throws {
        try state.create()
        let record = EmulatorRecord(process: ProcessRecord(pid: 7, start: 8), port: 9)
        try state.write("{}", to: state.plane)
        try state.write(record, to: state.plane)
        #expect(try state.read(EmulatorRecord.self, from: state.plane) == record)
    }

    @Test func `has nothing before it is written`() throws {
        #expect(try state.read(EmulatorRecord.self, from: state.plane) == nil)
        #expect(throws: LocalCloudError.self) { try LocalAccount(state) }
    }

    @Test func `says what to do about a file that is broken`() throws {
        try state.create()
        try state.write("not json", to: state.plane)
        let error = #expect(throws: LocalCloudError.self) {
            try state.read(EmulatorRecord.self, from: state.plane)
        }
        #expect(error?.message.contains("spotrender local down") == true)
    }

    @Test func `can be taken down with records that are broken`() async throws {
        try state.create()
        try state.write("{", to: state.plane)
        try state.write("", to: state.launcher)
        let ports = LocalCloud.Ports(
            transport: MultiTransport(requestsMax: 1), pause: { _ in }, randomHex: { _ in "" },
            say: { _ in })
        #expect(try await LocalCloud(state: state, ports: ports).down() == false)
        #expect(state.read(state.plane) == nil && state.read(state.launcher) == nil)
    }

    @Test func `keeps the journal's lines in order`() throws {
        try state.create()
        let journal = Journal(path: state.journal)
        #expect(try journal.lines().isEmpty)
        let now = Date(timeIntervalSince1970: 1_700_000_000)
        var notice = Journal.Line(time: now, kind: .notice, instance: "i-1")
        notice.deadline = now + 120
        let lines = [Journal.Line(time: now, kind: .launch, instance: "i-1"), notice]
        for line in lines { try journal.append(line) }
        #expect(try journal.lines() == lines)
    }

    /// Of most no binary fraction is equal: they must be rounded, not cut off.
    @Test(arguments: [Int64(0), 1, 7919, 23_757, 47_514, 59_999])
    func `keeps the journal's times to the millisecond`(_ milliseconds: Int64) throws {
        try state.create()
        let journal = Journal(path: state.journal)
        let time = Date(timeIntervalSince1970: Double(1_700_000_000_000 + milliseconds) / 1000)
        try journal.append(Journal.Line(time: time, kind: .launch, instance: "i-1"))
        let kept = try #require(try journal.lines().first).time
        #expect(
            Int64((kept.timeIntervalSince1970 * 1000).rounded()) == 1_700_000_000_000 + milliseconds
        )
    }
}
