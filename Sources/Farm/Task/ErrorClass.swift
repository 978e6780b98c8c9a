/// What a failed attempt says, and of whom: by it a task's budget is chosen.
package enum ErrorClass: String, Hashable, Sendable, CaseIterable {
    /// The scene can't be rendered as asked, on any machine.
    case scene
    /// Blender ended without a whole picture, and nothing says why.
    case blender
    /// The machine had too little memory for it.
    case memory
    case timeout
    /// What surrounds the frame is at fault: no Blender, no room on the disk, no way to the store.
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
    /// `nil` for an end that is no error.
    package var errorClass: ErrorClass? {
        switch self {
        case .failed(let failure): failure.kind.errorClass
        case .interrupted, .expired: .interruption
        case .succeeded, .canceled: nil
        }
    }
}
