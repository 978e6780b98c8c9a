/// What is at fault when an attempt fails. It chooses the retry budget.
package enum ErrorClass: String, Hashable, Sendable, CaseIterable {
    /// The scene can't be rendered as asked, on any machine.
    case scene
    /// Blender ended without a whole picture, for an unknown reason.
    case blender
    /// The machine had too little memory.
    case memory
    case timeout
    /// The machine is at fault: no Blender, no disk space, no access to the store.
    case machine
    /// The machine went away.
    case interruption
}

extension RenderFailure.Kind {
    package var errorClass: ErrorClass {
        switch self {
        case .scene: .scene
        case .noPicture, .crashed: .blender
        case .memory: .memory
        case .timeout: .timeout
        case .noBlender, .disk, .store: .machine
        }
    }
}

extension Attempt.Outcome {
    /// `nil` for an outcome without an error.
    package var errorClass: ErrorClass? {
        switch self {
        case .failed(let failure): failure.kind.errorClass
        case .interrupted, .expired: .interruption
        case .succeeded, .canceled: nil
        }
    }
}
