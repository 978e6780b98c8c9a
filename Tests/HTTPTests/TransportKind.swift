import HTTP
import Testing

/// Both transports keep one contract, so each of its tests runs against each.
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
