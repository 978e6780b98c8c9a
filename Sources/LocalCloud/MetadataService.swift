package import FoundationEssentials

/// The answers of IMDSv2 on one instance. A value, so that tests need no socket.
///
/// Paths and values follow EC2's user guide, "Instance metadata categories". Version 1, which needs
/// no token, is missing on purpose: a worker that sends no token fails here.
package struct MetadataService: Sendable {
    /// The instance's fixed properties.
    package struct Identity: Hashable, Sendable {
        package var instanceID: String
        package var instanceType: String
        package var zone: String
        package var zoneID: String
        package var region: String
        package var accountID: String
        package var roleName: String
        package var launched: Date
        package var isSpot: Bool

        package init(
            instanceID: String, instanceType: String, zone: String, zoneID: String,
            region: String, accountID: String, roleName: String, launched: Date,
            isSpot: Bool = true
        ) {
            self.instanceID = instanceID
            self.instanceType = instanceType
            self.zone = zone
            self.zoneID = zoneID
            self.region = region
            self.accountID = accountID
            self.roleName = roleName
            self.launched = launched
            self.isSpot = isSpot
        }
    }

    package struct Answer: Hashable, Sendable {
        package let status: Int
        package let body: String

        package init(status: Int, body: String) {
            self.status = status
            self.body = body
        }

        static let notFound = Answer(status: 404, body: "404 - Not Found\n")
    }

    /// The longest lifetime of a token, in seconds.
    package static let tokenSecondsMax = 21_600
    /// Tokens that are valid at once. A client that requests more is broken.
    package static let tokensMax = 1_000

    package let identity: Identity
    package var roleKeys: RoleKeys?
    /// The end that an interruption notice announces.
    package var noticeDeadline: Date?
    package var lifecycleState = "InService"
    private var tokens: [String: Date] = [:]

    package init(identity: Identity) {
        self.identity = identity
    }

    /// Answers `PUT /latest/api/token`. The answer to a valid request is `token`.
    package mutating func grant(
        token: String, secondsToLive text: String?, isForwarded: Bool, now: Date
    ) -> Answer {
        // A proxy must not be able to fetch a token.
        guard !isForwarded else { return Answer(status: 403, body: "") }
        guard let seconds = text.flatMap({ Int($0) }), (1...Self.tokenSecondsMax).contains(seconds)
        else { return Answer(status: 400, body: "") }
        tokens = tokens.filter { $0.value > now }
        guard tokens.count < Self.tokensMax else { return Answer(status: 503, body: "") }
        tokens[token] = now.addingTimeInterval(Double(seconds))
        return Answer(status: 200, body: token)
    }

    /// Answers `GET` for any path.
    package func answer(path: String, token: String?, now: Date) -> Answer {
        guard let token, let end = tokens[token], end > now else {
            return Answer(status: 401, body: "401 - Unauthorized\n")
        }
        return value(at: path).map { Answer(status: 200, body: $0) } ?? .notFound
    }

    private func value(at path: String) -> String? {
        switch path {
        case "/latest/meta-data/instance-id": identity.instanceID
        case "/latest/meta-data/instance-type": identity.instanceType
        case "/latest/meta-data/instance-life-cycle": identity.isSpot ? "spot" : "on-demand"
        case "/latest/meta-data/placement/availability-zone": identity.zone
        case "/latest/meta-data/placement/availability-zone-id": identity.zoneID
        case "/latest/meta-data/placement/region": identity.region
        case "/latest/meta-data/services/domain": "amazonaws.com"
        case "/latest/meta-data/services/partition": "aws"
        case "/latest/meta-data/autoscaling/target-lifecycle-state": lifecycleState
        case "/latest/meta-data/iam/security-credentials",
            "/latest/meta-data/iam/security-credentials/":
            roleKeys == nil ? nil : identity.roleName
        case "/latest/meta-data/iam/security-credentials/\(identity.roleName)":
            roleKeys?.document
        case "/latest/meta-data/spot/instance-action":
            noticeDeadline.map { #"{"action":"terminate","time":"\#($0.utc)"}"# }
        case "/latest/meta-data/spot/termination-time": noticeDeadline.map(\.utc)
        case "/latest/dynamic/instance-identity/document":
            """
            {"accountId":"\(identity.accountID)","availabilityZone":"\(identity.zone)",\
            "instanceId":"\(identity.instanceID)","instanceType":"\(identity.instanceType)",\
            "pendingTime":"\(identity.launched.utc)","region":"\(identity.region)",\
            "version":"2017-09-30"}
            """
        default: nil
        }
    }
}

/// The role's keys for one instance. Prints as `<redacted>`.
package struct RoleKeys: Hashable, Sendable, CustomStringConvertible, CustomDebugStringConvertible {
    package let accessKeyID: String
    package let secretAccessKey: String
    package let sessionToken: String
    package let expiration: Date

    package init(
        accessKeyID: String, secretAccessKey: String, sessionToken: String, expiration: Date
    ) {
        self.accessKeyID = accessKeyID
        self.secretAccessKey = secretAccessKey
        self.sessionToken = sessionToken
        self.expiration = expiration
    }

    package var description: String { "<redacted>" }
    package var debugDescription: String { "<redacted>" }

    /// The document `iam/security-credentials/ROLE`. STS returns no character that JSON escapes.
    var document: String {
        """
        {"Code":"Success","LastUpdated":"\(expiration.addingTimeInterval(-3600).utc)",\
        "Type":"AWS-HMAC","AccessKeyId":"\(accessKeyID)","SecretAccessKey":"\(secretAccessKey)",\
        "Token":"\(sessionToken)","Expiration":"\(expiration.utc)"}
        """
    }
}

extension Date {
    /// As in `2026-11-21T08:30:00Z`, EC2's format.
    package var utc: String { formatted(.iso8601) }
}

extension MetadataService.Identity {
    /// `us-east-1b` is `use1-az2`, as in the local AWS APIs. On AWS this differs by account.
    static func zoneID(_ zone: String) -> String {
        let parts = zone.split(separator: "-")
        guard parts.count == 3, let letter = zone.utf8.last, let digit = parts[2].first,
            let direction = parts[1].first
        else { return zone }
        return "\(parts[0])\(direction)\(digit)-az\(Int(letter) - Int(UInt8(ascii: "a")) + 1)"
    }
}
