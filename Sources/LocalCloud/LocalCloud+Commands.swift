import FoundationEssentials
import HTTP

// Commands to the running Spot emulator and launcher.
extension LocalCloud {
    package func interrupt(_ order: InterruptionOrder) async throws(LocalCloudError) -> String {
        let body: String
        do {
            body = String(decoding: try JSONEncoder().encode(order), as: UTF8.self)
        } catch {
            throw LocalCloudError("interrupt an instance", "\(error)")
        }
        let answer = try await command(
            .post, "/interrupt", body, doing: "interrupt \(order.instance ?? "an instance")")
        return String(decoding: answer, as: UTF8.self)
    }

    /// Simulates a Spot shortage from now on. Running instances stay.
    package func refuseSpot(seconds: Int) async throws(LocalCloudError) {
        let operation = "simulate a Spot shortage"
        guard let outputs = try state.read(StackOutputs.self, from: state.outputs) else {
            throw LocalCloudError(
                operation, "The local cloud is not up: run `spotrender local up`.")
        }
        let account = try LocalAccount(state)
        _ = try await LoopbackCall(
            transport: ports.transport, port: account.port, secretKey: account.secretKey
        ).send(
            .put, "/_spotrender/refusals",
            #"{"group":"\#(outputs.spotGroup)","seconds":\#(seconds)}"#, doing: operation)
    }

    package func status() async throws(LocalCloudError) -> EmulatorStatus {
        let answer = try await command(.get, "/instances", doing: "list the instances")
        do {
            return try JSONDecoder().decode(EmulatorStatus.self, from: Data(answer))
        } catch {
            throw LocalCloudError("list the instances", "\(error)")
        }
    }

    func command(
        _ method: HTTPRequest.Method, _ path: String, _ body: String? = nil, doing operation: String
    ) async throws(LocalCloudError) -> [UInt8] {
        guard let record = try state.read(EmulatorRecord.self, from: state.emulator) else {
            throw LocalCloudError(
                operation, "The local cloud is not up: run `spotrender local up`.")
        }
        return try await LoopbackCall(
            transport: ports.transport, port: record.port,
            secretKey: try LocalAccount(state).secretKey
        ).send(method, path, body, doing: operation)
    }
}
