import FoundationEssentials
import Testing

@testable import LocalCloud

@Suite struct `Instance metadata` {
    private static let now = Date(timeIntervalSince1970: 1_700_000_000)
    private static let identity = MetadataService.Identity(
        instanceID: "i-0123456789abcdef0", instanceType: "c5a.2xlarge", zone: "us-east-1b",
        zoneID: "use1-az2", region: "us-east-1", accountID: "000000000000", roleName: "worker",
        launched: Date(timeIntervalSince1970: 1_700_000_000))

    private func service(tokenFor seconds: String = "60") -> MetadataService {
        var service = MetadataService(identity: Self.identity)
        _ = service.grant(
            token: "word", secondsToLive: seconds, isForwarded: false, now: Self.now)
        return service
    }

    private func get(_ service: MetadataService, _ path: String) -> MetadataService.Answer {
        service.answer(path: "/latest/meta-data/" + path, token: "word", now: Self.now)
    }

    @Test(arguments: [
        ("instance-id", "i-0123456789abcdef0"),
        ("instance-type", "c5a.2xlarge"),
        ("instance-life-cycle", "spot"),
        ("placement/availability-zone", "us-east-1b"),
        ("placement/availability-zone-id", "use1-az2"),
        ("placement/region", "us-east-1"),
        ("autoscaling/target-lifecycle-state", "InService"),
    ])
    func `describes the instance`(_ path: String, _ value: String) {
        #expect(get(service(), path) == MetadataService.Answer(status: 200, body: value))
    }

    @Test(arguments: [nil, "", "another"])
    func `answers nothing without a valid token`(_ token: String?) {
        let answer = service().answer(
            path: "/latest/meta-data/instance-id", token: token, now: Self.now)
        #expect(answer.status == 401)
    }

    @Test func `rejects an expired token`() {
        let path = "/latest/meta-data/instance-id"
        let service = service(tokenFor: "60")
        #expect(service.answer(path: path, token: "word", now: Self.now + 59).status == 200)
        #expect(service.answer(path: path, token: "word", now: Self.now + 60).status == 401)
    }

    @Test(arguments: [nil, "", "0", "-1", "21601", "ten"])
    func `grants no token for an invalid lifetime`(_ seconds: String?) {
        var service = MetadataService(identity: Self.identity)
        let answer = service.grant(
            token: "word", secondsToLive: seconds, isForwarded: false, now: Self.now)
        #expect(answer.status == 400)
    }

    @Test func `grants no token through a proxy`() {
        var service = MetadataService(identity: Self.identity)
        let answer = service.grant(
            token: "word", secondsToLive: "60", isForwarded: true, now: Self.now)
        #expect(answer.status == 403)
    }

    @Test func `shows no interruption before a notice`() {
        #expect(get(service(), "spot/instance-action").status == 404)
        #expect(get(service(), "events/recommendations/rebalance").status == 404)
    }

    @Test func `shows an interruption in EC2's format`() {
        var service = service()
        service.noticeDeadline = Self.now + 120
        #expect(
            get(service, "spot/instance-action").body
                == #"{"action":"terminate","time":"2023-11-14T22:15:20Z"}"#)
        #expect(get(service, "spot/termination-time").body == "2023-11-14T22:15:20Z")
    }

    @Test func `serves the role's keys under the role's name`() throws {
        var service = service()
        #expect(get(service, "iam/security-credentials/worker").status == 404)
        service.roleKeys = RoleKeys(
            accessKeyID: "ASIA", secretAccessKey: "hush", sessionToken: "session",
            expiration: Self.now + 3600)
        #expect(get(service, "iam/security-credentials/").body == "worker")
        let document = try JSONDecoder().decode(
            [String: String].self,
            from: Data(get(service, "iam/security-credentials/worker").body.utf8))
        #expect(
            document == [
                "Code": "Success", "LastUpdated": "2023-11-14T22:13:20Z", "Type": "AWS-HMAC",
                "AccessKeyId": "ASIA", "SecretAccessKey": "hush", "Token": "session",
                "Expiration": "2023-11-14T23:13:20Z",
            ])
    }

    @Test func `never prints the role's keys`() {
        let keys = RoleKeys(
            accessKeyID: "ASIA", secretAccessKey: "hush", sessionToken: "session",
            expiration: Self.now)
        #expect("\(keys)" == "<redacted>")
        #expect(String(reflecting: keys) == "<redacted>")
    }

    @Test(arguments: [
        ("us-east-1b", "use1-az2"), ("eu-west-3a", "euw3-az1"), ("odd", "odd"),
    ])
    func `names zones as the local AWS APIs do`(_ zone: String, _ id: String) {
        #expect(MetadataService.Identity.zoneID(zone) == id)
    }
}
