package import Foundation

/// The path of a folder that a test may create. The folder is removed together with this object.
package final class TemporaryFolder: Sendable {
    package let url = FileManager.default.temporaryDirectory.appending(path: "test-\(UUID())")

    package init() {}

    package func create() throws {
        try FileManager.default.createDirectory(at: url, withIntermediateDirectories: false)
    }

    deinit {
        guard FileManager.default.fileExists(atPath: url.path()) else { return }
        do {
            try FileManager.default.removeItem(at: url)
        } catch {
            preconditionFailure("A test's temporary folder cannot be removed: \(error)")
        }
    }
}
