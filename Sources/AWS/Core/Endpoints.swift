/// Where each service is reached: AWS itself, or what the standard variables say.
///
///     AWS_ENDPOINT_URL_<SERVICE>  ─▶  AWS_ENDPOINT_URL  ─▶  https://<service>.<region>.amazonaws.com
package struct Endpoints: Hashable, Sendable {
    package let region: String
    private let overrides: [AWSService: Endpoint]

    /// Throws for an override that is no URL.
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
                    "InvalidEndpoint", "\(name) is no URL of an endpoint: \(url)",
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

    /// `AWS_REGION`, `AWS_DEFAULT_REGION`, or the shared profile's.
    package static func region(environment: [String: String]) throws(AWSError) -> String {
        let region =
            environment.nonEmpty("AWS_REGION") ?? environment.nonEmpty("AWS_DEFAULT_REGION")
            ?? SharedProfile(environment: environment).settings?.nonEmpty("region")
        guard let region else {
            throw .configuration(
                "NoRegion", "No AWS region is set.",
                nextStep: "Set AWS_REGION, for example AWS_REGION=eu-central-1.")
        }
        // It becomes part of a host name.
        let isPlain = region.utf8.allSatisfy {
            (0x61...0x7a).contains($0) || (0x30...0x39).contains($0) || $0 == UInt8(ascii: "-")
        }
        guard isPlain else {
            throw .configuration(
                "InvalidRegion", "\"\(region)\" is no AWS region.",
                nextStep: "Set AWS_REGION, for example AWS_REGION=eu-central-1.")
        }
        return region
    }
}

/// A service's address.
struct Endpoint: Hashable, Sendable {
    let scheme: String
    let authority: String
    /// Without a slash at its end.
    let path: String
    let isOverride: Bool

    /// The URL of an S3 bucket, and the path its keys follow.
    ///
    /// On AWS the bucket is part of the host name. Behind an override it is part of the path, and
    /// so it is when it holds a dot, because the certificate covers one label only.
    func url(bucket: String) -> String {
        isOverride || bucket.contains(".")
            ? "\(scheme)://\(authority)\(path)/\(PercentEncoding.encode(bucket))"
            : "\(scheme)://\(bucket).\(authority)\(path)"
    }
}
