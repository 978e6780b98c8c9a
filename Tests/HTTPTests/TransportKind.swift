import HTTP
import Testing

/// Both transports have the same contract, so each test runs with each transport.
enum TransportKind: CaseIterable, CustomTestStringConvertible {
    case oneShot
    case multi

    var testDescription: String { self == .oneShot ? "one-shot" : "multi" }

    func make() -> any HTTPTransport {
        switch self {
        case .oneShot: OneShotTransport()
        case .multi: MultiTransport(requestsMax: 8)
        }
    }
}
