import FoundationEssentials
import HTTP
import Testing

@testable import LocalCloud

/// A temporary folder that is removed with its test.
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

    @Test func `is readable by its owner only`() throws {
        try state.create()
        try state.write("AKIA secret", to: state.credentials)
        let attributes = try FileManager.default.attributesOfItem(atPath: state.credentials)
        #expect(attributes[.posixPermissions] as? Int == 0o600)
        let ofFolder = try FileManager.default.attributesOfItem(atPath: state.path)
        #expect(ofFolder[.posixPermissions] as? Int == 0o700)
    }

    @Test func `replaces a file and reads it back`() throws {
        try state.create()
        let record = EmulatorRecord(process: ProcessRecord(pid: 7, start: 8), port: 9)
        try state.write("{}", to: state.emulator)
        try state.write(record, to: state.emulator)
        #expect(try state.read(EmulatorRecord.self, from: state.emulator) == record)
    }

    @Test func `returns nil for a missing file`() throws {
        #expect(try state.read(EmulatorRecord.self, from: state.emulator) == nil)
        #expect(throws: LocalCloudError.self) { try LocalAccount(state) }
    }

    @Test func `names the remedy for a broken file`() throws {
        try state.create()
        try state.write("not json", to: state.emulator)
        let error = #expect(throws: LocalCloudError.self) {
            try state.read(EmulatorRecord.self, from: state.emulator)
        }
        #expect(error?.message.contains("spotrender local down") == true)
    }

    @Test func `goes down in spite of broken records`() async throws {
        try state.create()
        try state.write("{", to: state.emulator)
        try state.write("", to: state.launcher)
        let ports = LocalCloud.Ports(
            transport: MultiTransport(requestsMax: 1), pause: { _ in }, randomHex: { _ in "" },
            report: { _ in })
        #expect(try await LocalCloud(state: state, ports: ports).down() == false)
        #expect(state.read(state.emulator) == nil && state.read(state.launcher) == nil)
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

    /// Most of these times have no exact binary fraction, so they must be rounded, not truncated.
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
