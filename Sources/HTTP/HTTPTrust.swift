import Glibc

/// The certificate authorities that are trusted for https servers.
package enum HTTPTrust: Hashable, Sendable {
    /// The Linux distribution's bundle. Parsing it takes about 33 ms.
    case system
    /// A file of PEM certificates.
    case file(String)
    /// PEM certificates as bytes, for example `HTTPTrust.amazon`.
    case certificates([UInt8])

    /// The bundle that `AWS_CA_BUNDLE`, `CURL_CA_BUNDLE` or `SSL_CERT_FILE` names, else `fallback`.
    package init(environment: [String: String], else fallback: HTTPTrust = .system) {
        let names = ["AWS_CA_BUNDLE", "CURL_CA_BUNDLE", "SSL_CERT_FILE"]
        let path = names.lazy.compactMap { environment[$0] }.first { !$0.isEmpty }
        self = path.map(HTTPTrust.file) ?? fallback
    }

    /// The paths on Debian, Amazon Linux and Fedora, openSUSE, Alpine. A static libcurl knows only
    /// the path of the distribution on which it was built.
    static let systemBundles = [
        "/etc/ssl/certs/ca-certificates.crt",
        "/etc/pki/tls/certs/ca-bundle.crt",
        "/etc/ssl/ca-bundle.pem",
        "/etc/ssl/cert.pem",
    ]

    /// The bundle on this machine, or `nil` to use libcurl's default.
    static let systemBundle = systemBundles.first { unsafe access($0, R_OK) == 0 }
}
