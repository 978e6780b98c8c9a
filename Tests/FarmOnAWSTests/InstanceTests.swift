import AWS
import Farm
import FarmTesting
import HTTP
import Testing

@testable import FarmOnAWS

@Suite struct `An instance` {
    private static let token = HTTPResponse.ok("token")
    private static let none = HTTPResponse(status: 404)

    private func imds(_ aws: ScriptedAWS) -> IMDS { IMDS(environment: [:], transport: aws) }

    @Test func `without a notice has none`() async throws {
        let aws = ScriptedAWS([Self.token, Self.none, .ok("InService"), Self.none])
        #expect(try await IMDSNotices(imds(aws)).notices().isEmpty)
    }

    private static let time = "2026-11-21T08:30:00Z"
    private static let moment = Timestamp(milliseconds: 1_795_249_800_000)

    @Test(arguments: [
        ("terminate", Interruption.Cause.spotTerminate), ("stop", .spotStop),
        ("hibernate", .spotHibernate),
    ])
    func `hears what will become of it`(_ action: String, _ cause: Interruption.Cause) async throws
    {
        // One answer only: an end that is heard is not put off by further questions.
        let aws = ScriptedAWS([
            Self.token, .ok(#"{"action":"\#(action)","time":"\#(Self.time)"}"#),
        ])
        let heard = try await IMDSNotices(imds(aws)).notices()
        #expect(heard == [.interruption(cause, deadline: Self.moment)])
    }

    @Test func `hears of a risk, and of the group's decision`() async throws {
        let risk = HTTPResponse.ok(#"{"noticeTime":"\#(Self.time)"}"#)
        let waiting = ScriptedAWS([Self.token, Self.none, Self.none, risk])
        #expect(
            try await IMDSNotices(imds(waiting)).notices() == [.rebalance(since: Self.moment)])
        let ending = ScriptedAWS([Self.token, Self.none, .ok("Terminated")])
        #expect(try await IMDSNotices(imds(ending)).notices() == [.termination])
    }

    @Test(arguments: [
        (HTTPResponse(status: 500), PortError.Kind.unavailable),
        (HTTPResponse(status: 403), .denied),
        (HTTPResponse.ok("terminate"), .malformed),
        (HTTPResponse.ok(#"{"action":"drain","time":"2026-11-21T08:30:00Z"}"#), .malformed),
    ])
    func `does not take an error for a notice`(
        _ answer: HTTPResponse, _ kind: PortError.Kind
    ) async throws {
        let notices = IMDSNotices(imds(ScriptedAWS([Self.token, answer])))
        let error = await #expect(throws: PortError.self) { try await notices.notices() }
        #expect(error?.kind == kind)
    }

    @Test func `knows who it is`() async throws {
        let aws = ScriptedAWS([
            Self.token, .ok("i-0abc"), .ok("c5a.2xlarge"), .ok("us-east-1a"), .ok("spot"),
            .ok("us-east-1"),
        ])
        let identity = try await WorkerIdentity.read(from: imds(aws))
        #expect(
            identity
                == WorkerIdentity(
                    id: WorkerID("i-0abc"),
                    pool: Pool(instanceType: "c5a.2xlarge", zone: "us-east-1a"),
                    lifecycle: .spot, region: "us-east-1"))
    }

    private func identity(_ lifecycle: WorkerRecord.Lifecycle) -> WorkerIdentity {
        WorkerIdentity(
            id: WorkerID("i-0abc"), pool: Pool(instanceType: "c5a.2xlarge", zone: "us-east-1a"),
            lifecycle: lifecycle, region: "us-east-1")
    }

    private func price(_ usd: String, _ time: String) -> String {
        "<item><instanceType>c5a.2xlarge</instanceType>"
            + "<productDescription>Linux/UNIX</productDescription><spotPrice>\(usd)</spotPrice>"
            + "<timestamp>\(time)</timestamp><availabilityZone>us-east-1a</availabilityZone></item>"
    }

    @Test func `pays the price in force`() async throws {
        let items =
            price("0.1100", "2026-11-20T08:30:00.000Z") + price("0.1234", "2026-11-21T07:30:00Z")
        let aws = ScriptedAWS([
            .ok(
                "<DescribeSpotPriceHistoryResponse><spotPriceHistorySet>\(items)"
                    + "</spotPriceHistorySet><nextToken/></DescribeSpotPriceHistoryResponse>")
        ])
        let usd = try await identity(.spot).spotPrice(from: EC2(aws.client()), at: .testStart)
        #expect(usd == 0.1234)
        #expect(aws.bodies[0].contains("AvailabilityZone=us-east-1a"))
        #expect(aws.bodies[0].contains("StartTime=2026-11-21T08%3A00%3A00Z"))
    }

    @Test func `on demand has no Spot price, and asks for none`() async throws {
        let aws = ScriptedAWS([])
        let usd = try await identity(.onDemand).spotPrice(from: EC2(aws.client()), at: .testStart)
        #expect(usd == nil)
        #expect(aws.requests.isEmpty)
    }
}

@Suite struct `The group` {
    private static let instances = ["InService", "Pending", "InService", "Terminating:Wait"]
        .map {
            "<member><InstanceId>i-1</InstanceId><AvailabilityZone>us-east-1a</AvailabilityZone>"
                + "<LifecycleState>\($0)</LifecycleState></member>"
        }.joined()

    @Test func `counts those in service`() async throws {
        let aws = ScriptedAWS([
            .ok(
                "<R><DescribeAutoScalingGroupsResult><AutoScalingGroups><member>"
                    + "<AutoScalingGroupName>farm</AutoScalingGroupName><MinSize>0</MinSize>"
                    + "<MaxSize>10</MaxSize><DesiredCapacity>4</DesiredCapacity>"
                    + "<Instances>\(Self.instances)</Instances></member></AutoScalingGroups>"
                    + "</DescribeAutoScalingGroupsResult></R>")
        ])
        let fleet = AutoScalingFleet(AutoScaling(try aws.client()), group: "farm")
        let capacity = try await fleet.capacity()
        #expect(capacity == FleetCapacity(desired: 4, inService: 2, least: 0, most: 10))
    }

    @Test func `that is not there is missing, with what to check`() async throws {
        let aws = ScriptedAWS([
            .ok(
                "<R><DescribeAutoScalingGroupsResult><AutoScalingGroups/>"
                    + "</DescribeAutoScalingGroupsResult></R>")
        ])
        let fleet = AutoScalingFleet(AutoScaling(try aws.client()), group: "farm")
        let error = await #expect(throws: PortError.self) { try await fleet.capacity() }
        #expect(error?.kind == .missing)
        #expect(error?.message.contains("SPOTRENDER_GROUP") == true)
    }
}

@Suite struct `Settings from the environment` {
    private static let environment = [
        "SPOTRENDER_TABLE": "table", "SPOTRENDER_QUEUE_URL": "https://q",
        "SPOTRENDER_DEAD_LETTER_QUEUE_URL": "https://d", "SPOTRENDER_INPUT_BUCKET": "in",
        "SPOTRENDER_OUTPUT_BUCKET": "out", "SPOTRENDER_GROUP": "farm",
        "SPOTRENDER_FLEET_MIN": "0", "SPOTRENDER_FLEET_MAX": "10",
        "SPOTRENDER_TURN_AROUND_SECONDS": "3600",
    ]

    @Test func `are read`() throws {
        let settings = try Settings(environment: Self.environment)
        #expect(settings.table == "table")
        #expect(settings.outputBucket == "out")
        let fleet = try FleetSettings(environment: Self.environment)
        #expect(fleet.most == 10)
        #expect(fleet.turnAround == .seconds(3600))
        #expect(settings.lease == LeaseTerms())
    }

    @Test func `set the length of a lease, which is renewed four times in it`() throws {
        let name = "SPOTRENDER_LEASE_SECONDS"
        let settings = try Settings(environment: Self.environment.merging([name: "40"]) { $1 })
        #expect(
            settings.lease
                == LeaseTerms(duration: .seconds(40), renewalInterval: .seconds(10)))
        let error = #expect(throws: SettingsError.self) {
            try Settings(environment: Self.environment.merging([name: "7"]) { $1 })
        }
        #expect(error?.description.contains("SPOTRENDER_LEASE_SECONDS=7") == true)
    }

    @Test func `name every variable that is missing or empty, at once`() {
        let error = #expect(throws: SettingsError.self) {
            try Settings(environment: ["SPOTRENDER_TABLE": "", "SPOTRENDER_QUEUE_URL": "https://q"])
        }
        #expect(
            error?.missing == [
                "SPOTRENDER_TABLE", "SPOTRENDER_DEAD_LETTER_QUEUE_URL",
                "SPOTRENDER_INPUT_BUCKET", "SPOTRENDER_OUTPUT_BUCKET",
            ])
    }

    @Test(arguments: [
        ("SPOTRENDER_FLEET_MAX", "ten"), ("SPOTRENDER_FLEET_MAX", "-1"),
        ("SPOTRENDER_FLEET_MIN", "1.5"), ("SPOTRENDER_TURN_AROUND_SECONDS", "0"),
    ])
    func `refuse a number that is none`(_ name: String, _ value: String) {
        let environment = Self.environment.merging([name: value]) { $1 }
        let error = #expect(throws: SettingsError.self) {
            try FleetSettings(environment: environment)
        }
        #expect(error?.description.contains("\(name)=\(value)") == true)
    }
}
