package import Farm

extension WorkerRecord.State {
    /// `draining (scale-in)`
    package var words: String {
        switch self {
        case .booting, .idle, .rendering, .gone: name
        case .draining(let cause): "\(name) (\(cause.rawValue))"
        }
    }
}
