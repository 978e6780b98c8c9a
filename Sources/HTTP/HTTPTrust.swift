import Glibc

/// Which certificate authorities may vouch for an https server.
package enum HTTPTrust: Hashable, Sendable {
    /// The distribution's bundle, wherever this one keeps it. Parsing it costs about 33 ms.
    case system
    /// A file of PEM certificates.
    case file(String)
    /// PEM certificates by value, such as `HTTPTrust.amazon`.
    case certificates([UInt8])

    /// What the usual variables ask for, else `fallback`.
    package init(environment: [String: String], else fallback: HTTPTrust = .system) {
        let names = ["AWS_CA_BUNDLE", "CURL_CA_BUNDLE", "SSL_CERT_FILE"]
        let path = names.lazy.compactMap { environment[$0] }.first { !$0.isEmpty }
        self = path.map(HTTPTrust.file) ?? fallback
    }

    /// Debian, Amazon Linux and Fedora, openSUSE, Alpine. A static libcurl knows only the place of
    /// the distribution it was built on.
    static let systemBundles = [
        "/etc/ssl/certs/ca-certificates.crt",
        "/etc/pki/tls/certs/ca-bundle.crt",
        "/etc/ssl/ca-bundle.pem",
        "/etc/ssl/cert.pem",
    ]

    /// The bundle of this machine; `nil` leaves the choice to libcurl.
    static let systemBundle = systemBundles.first { unsafe access($0, R_OK) == 0 }
}
