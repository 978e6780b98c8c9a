import Farm

/// Why an operation of the engine ended early. Each operation has an error type of its own, with
/// these cases among others.
protocol BlenderRequestError: Error {
    static func failed(_ failure: RenderFailure) -> Self
    static func storing(_ error: PortError) -> Self
    static var canceled: Self { get }
}

extension BlenderRequestError {
    /// Runs a call of the farm's stores. Once the request is canceled, an error of that call does
    /// not matter.
    static func during<Result>(
        _ call: () async throws(PortError) -> Result
    ) async throws(Self) -> Result {
        do {
            return try await call()
        } catch {
            throw Task.isCancelled ? .canceled : .storing(error)
        }
    }
}

extension RenderError: BlenderRequestError {}
extension SliceError: BlenderRequestError {}
