import AWS
import Blender
import FarmOnAWS
import Foundation
import HTTP
import Logging
import Worker

/// The program on each instance. It reads the instance's identity, then renders until a drain.
@main struct RenderWorker {
    static func main() async throws {
        var variables = ProcessInfo.processInfo.environment
        let log = WorkerEnvironment(variables: variables).logger()
        do {
            if CommandLine.arguments.last == "--try-sandbox" {
                _ = try await SandboxMode(variables["SPOTRENDER_SANDBOX"]).resolve()
                return
            }
            let transport = MultiTransport(trust: HTTPTrust(environment: variables, else: .system))
            let imds = IMDS(environment: variables, transport: transport)
            let identity = try await WorkerIdentity.read(from: imds)
            variables["AWS_REGION"] = variables["AWS_REGION"] ?? identity.region
            let environment = WorkerEnvironment(variables: variables)
            let farm = try AWSFarm(environment: variables, transport: transport, log: log)
            let frame = LatestFrame()
            let blenders = try await InstalledBlenders(
                environment: variables, home: environment.directory + "/blender"
            ) { frame.record($0) }
            for warning in blenders.warnings { log.warning("\(warning)") }
            log.info("found Blender", metadata: ["versions": "\(blenders)"])
            try await WorkerProgram(
                environment: environment, imds: imds, identity: identity, farm: farm,
                blenders: blenders, frame: frame, log: log
            ).run()
        } catch {
            log.critical("the worker can't continue", metadata: ["error": "\(error)"])
            exit(1)
        }
    }
}
