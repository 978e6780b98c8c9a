import ArgumentParser
import Foundation
import LocalCloud
import Presentation

/// `spotrender local down`
struct LocalDownCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "down",
        abstract: "Ends all processes of the local cloud. Its state stays.",
        discussion: """

              spotrender local down
              spotrender local down --delete-state
            """)

    @OptionGroup var options: LocalOptions
    @OptionGroup var output: JSONOption
    @Flag(help: "Also delete the state: buckets, jobs and logs.")
    var deleteState = false

    func run() async throws {
        let wasUp = try await options.cloud(isForProgram: output.json).down()
        let path = options.folder.path
        let isDeleted = deleteState && FileManager.default.fileExists(atPath: path)
        if isDeleted { try FileManager.default.removeItem(atPath: path) }
        if output.json {
            return try showJSON(
                LocalDownDocument(folder: path, wasUp: wasUp, isStateDeleted: isDeleted))
        }
        show(wasUp ? "The local cloud is down." : "The local cloud was not up.")
    }
}
