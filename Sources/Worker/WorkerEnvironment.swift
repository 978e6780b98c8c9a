internal import FoundationEssentials
package import Logging

/// The worker's own variables. `AWSFarm` reads the farm's.
package struct WorkerEnvironment: Sendable {
    private let variables: [String: String]

    package init(variables: [String: String]) {
        self.variables = variables
    }

    /// Holds scenes, pictures and Blender.
    package var directory: String {
        URL(filePath: variables["SPOTRENDER_WORK_DIR"] ?? "/var/lib/spotrender")
            .path(percentEncoded: false)
    }

    package var diskGiB: Int? { variables["SPOTRENDER_WORKER_DISK_GIB"].flatMap { Int($0) } }

    package var hasOnDemand: Bool { variables["SPOTRENDER_ON_DEMAND_MAX"] != "0" }

    package var leavesAfterNotice: Bool { variables["SPOTRENDER_LEAVE_AFTER_NOTICE"] == "true" }

    /// Writes text lines to standard error. systemd keeps them.
    package func logger() -> Logger {
        var log = Logger(label: "render-worker") { StreamLogHandler.standardError(label: $0) }
        // The template's levels are Lambda's, which call this one WARN.
        let name = variables["SPOTRENDER_LOG_LEVEL"]?.lowercased()
        log.logLevel =
            name == "warn" ? .warning : name.flatMap { Logger.Level(rawValue: $0) } ?? .info
        return log
    }
}
