/// The address of each service: AWS's own, or the address in the standard variables.
///
///     AWS_ENDPOINT_URL_<SERVICE> ─▶ AWS_ENDPOINT_URL ─▶ https://<service>.<region>.amazonaws.com
package struct Endpoints: Hashable, Sendable {
    package let region: String
    private let overrides: [AWSService: Endpoint]

    /// - Throws: `AWSError` with the code `InvalidEndpoint` when a variable holds no URL.
    package init(region: String, environment: [String: String]) throws(AWSError) {
        self.region = region
        var overrides: [AWSService: Endpoint] = [:]
        for service in AWSService.allCases {
            let names = ["AWS_ENDPOINT_URL_\(service.variableSuffix)", "AWS_ENDPOINT_URL"]
            guard let name = names.first(where: { environment.nonEmpty($0) != nil }),
                let url = environment.nonEmpty(name)
            else { continue }
            let parts = SplitURL(url)
            guard !parts.scheme.isEmpty, !parts.authority.isEmpty, parts.query.isEmpty else {
                throw .configuration(
                    "InvalidEndpoint", "\(name) is not the URL of an endpoint: \(url)",
                    nextStep: "Write it like http://127.0.0.1:4566.")
            }
            var path = parts.path
            while path.hasSuffix("/") { path.removeLast() }
            overrides[service] = Endpoint(
                scheme: parts.scheme, authority: parts.authority, path: path, isOverride: true)
        }
        self.overrides = overrides
    }

    func endpoint(of service: AWSService) -> Endpoint {
        if let override = overrides[service] { return override }
        let domain = region.hasPrefix("cn-") ? "amazonaws.com.cn" : "amazonaws.com"
        return Endpoint(
            scheme: "https", authority: "\(service.prefix).\(region).\(domain)", path: "",
            isOverride: false)
    }

    /// The region in `AWS_REGION`, `AWS_DEFAULT_REGION` or the shared profile.
    package static func region(environment: [String: String]) throws(AWSError) -> String {
        let region =
            environment.nonEmpty("AWS_REGION") ?? environment.nonEmpty("AWS_DEFAULT_REGION")
            ?? SharedProfile(environment: environment).settings?.nonEmpty("region")
        guard let region else {
            throw .configuration(
                "NoRegion", "No AWS region is set.",
                nextStep: "Set AWS_REGION, for example AWS_REGION=eu-central-1.")
        }
        // The region becomes part of a host name.
        let isPlain = region.utf8.allSatisfy {
            (0x61...0x7a).contains($0) || (0x30...0x39).contains($0) || $0 == UInt8(ascii: "-")
        }
        guard isPlain else {
            throw .configuration(
                "InvalidRegion", "\"\(region)\" is not an AWS region.",
                nextStep: "Set AWS_REGION, for example AWS_REGION=eu-central-1.")
        }
        return region
    }
}

/// A service's address.
struct Endpoint: Hashable, Sendable {
    let scheme: String
    let authority: String
    /// Without a slash at the end.
    let path: String
    let isOverride: Bool

    /// The URL of an S3 bucket. A slash and a key follow it.
    ///
    /// On AWS the bucket is part of the host name. It is part of the path behind an override, and
    /// also when its name has a dot, because AWS's certificate covers one label only.
    func url(bucket: String) -> String {
        isOverride || bucket.contains(".")
            ? "\(scheme)://\(authority)\(path)/\(PercentEncoding.encode(bucket))"
            : "\(scheme)://\(bucket).\(authority)\(path)"
    }
}
