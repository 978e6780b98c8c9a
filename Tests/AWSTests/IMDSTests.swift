import HTTP
import Testing

@testable import AWS

@Suite struct `The metadata service` {
    private func imds(
        _ transport: ScriptedTransport, _ environment: [String: String] = [:],
        timing: TestTiming = TestTiming()
    ) -> IMDS {
        IMDS(environment: environment, transport: transport, timing: timing.timing)
    }

    @Test func `is asked with a token, within two seconds`() async throws {
        let transport = ScriptedTransport(.json("T0"), .json("i-1"), .json("c7i.large"))
        let imds = imds(
            transport, ["AWS_EC2_METADATA_SERVICE_ENDPOINT": "http://127.0.0.1:1338/"])
        #expect(try await imds.metadata("instance-id") == "i-1")
        #expect(try await imds.metadata("instance-type") == "c7i.large")
        let requests = transport.requests
        #expect(
            requests.map(\.url) == [
                "http://127.0.0.1:1338/latest/api/token",
                "http://127.0.0.1:1338/latest/meta-data/instance-id",
                "http://127.0.0.1:1338/latest/meta-data/instance-type",
            ])
        #expect(requests[0].method == .put)
        #expect(requests[0].header("X-aws-ec2-metadata-token-ttl-seconds") == "21600")
        #expect(requests[1].header("X-aws-ec2-metadata-token") == "T0")
        #expect(requests.allSatisfy { $0.bounds.total == .seconds(2) })
    }

    @Test func `is asked once for a new token after status 401`() async throws {
        let transport = ScriptedTransport(
            .json("T0"), HTTPResponse(status: 401), .json("T1"), .json("i-1"))
        #expect(try await imds(transport).metadata("instance-id") == "i-1")
        #expect(transport.requests[3].header("X-aws-ec2-metadata-token") == "T1")

        let blind = ScriptedTransport(
            .json("T0"), HTTPResponse(status: 401), .json("T1"), HTTPResponse(status: 401))
        await #expect(throws: IMDSError.status(401, path: "/latest/meta-data/instance-id")) {
            try await imds(blind).metadata("instance-id")
        }
    }

    @Test func `is asked for a new token before the old one expires`() async throws {
        let timing = TestTiming()
        let transport = ScriptedTransport(.json("T0"), .json("a"), .json("T1"), .json("b"))
        let imds = imds(transport, timing: timing)
        _ = try await imds.metadata("x")
        timing.advance(by: .seconds(21_540))
        _ = try await imds.metadata("x")
        #expect(transport.requests[3].header("X-aws-ec2-metadata-token") == "T1")
    }

    @Test func `has no notice when it answers 404`() async throws {
        let transport = ScriptedTransport(
            .json("T0"), HTTPResponse(status: 404), HTTPResponse(status: 404))
        let imds = imds(transport)
        #expect(try await imds.spotInstanceAction() == nil)
        #expect(try await imds.rebalanceNotice() == nil)
    }

    @Test func `returns an interruption notice`() async throws {
        let transport = ScriptedTransport(
            .json("T0"), .json(#"{"action": "terminate", "time": "2015-08-30T12:38:00Z"}"#),
            .json(#"{"noticeTime": "2015-08-30T12:36:00Z"}"#), .json("Terminated"))
        let imds = imds(transport)
        #expect(
            try await imds.spotInstanceAction()
                == SpotInstanceAction(
                    action: "terminate", time: TestTiming.start.advanced(by: .seconds(120))))
        #expect(try await imds.rebalanceNotice() == TestTiming.start)
        #expect(try await imds.targetLifecycleState() == "Terminated")
        #expect(
            transport.requests.map(\.url).suffix(3) == [
                "http://169.254.169.254/latest/meta-data/spot/instance-action",
                "http://169.254.169.254/latest/meta-data/events/recommendations/rebalance",
                "http://169.254.169.254/latest/meta-data/autoscaling/target-lifecycle-state",
            ])
    }

    @Test func `returns an instance's identity`() async throws {
        let transport = ScriptedTransport(
            .json("T0"), .json("i-1"), .json("c7i.large"), .json("us-east-1a"), .json("spot"))
        #expect(
            try await imds(transport).identity()
                == InstanceIdentity(id: "i-1", type: "c7i.large", zone: "us-east-1a", isSpot: true))
    }

    @Test func `that can't be reached or read is an error, not a missing notice`() async throws {
        let gone = ScriptedTransport([.failure(.fault(.timeout))])
        await #expect(throws: IMDSError.unreachable(.fault(.timeout))) {
            try await imds(gone).spotInstanceAction()
        }
        let odd = ScriptedTransport(.json("T0"), .json("soon"))
        await #expect(throws: IMDSError.unreadable(path: "spot/instance-action")) {
            try await imds(odd).spotInstanceAction()
        }
        let off = ScriptedTransport()
        await #expect(throws: IMDSError.disabled) {
            try await imds(off, ["AWS_EC2_METADATA_DISABLED": "TRUE"]).metadata("x")
        }
        #expect(off.requests.isEmpty)
    }
}
