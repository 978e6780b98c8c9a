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

    @Test func `without a notice returns none`() async throws {
        let aws = ScriptedAWS([Self.token, Self.none, .ok("InService"), Self.none])
        #expect(try await IMDSNotices(imds(aws)).notices().isEmpty)
    }

    private static let time = "2026-11-21T08:30:00Z"
    private static let moment = Timestamp(milliseconds: 1_795_249_800_000)

    @Test(arguments: [
        ("terminate", Interruption.Cause.spotTerminate), ("stop", .spotStop),
        ("hibernate", .spotHibernate),
    ])
    func `reads its interruption notice`(_ action: String, _ cause: Interruption.Cause) async throws
    {
        // There is one answer only: an interruption notice is returned without further requests.
        let aws = ScriptedAWS([
            Self.token, .ok(#"{"action":"\#(action)","time":"\#(Self.time)"}"#),
        ])
        let heard = try await IMDSNotices(imds(aws)).notices()
        #expect(heard == [.interruption(cause, deadline: Self.moment)])
    }

    @Test func `reads a rebalance recommendation and the group's target state`() async throws {
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
    func `does not mistake an error for a notice`(
        _ answer: HTTPResponse, _ kind: PortError.Kind
    ) async throws {
        let notices = IMDSNotices(imds(ScriptedAWS([Self.token, answer])))
        let error = await #expect(throws: PortError.self) { try await notices.notices() }
        #expect(error?.kind == kind)
    }

    @Test func `reads its identity`() async throws {
        let aws = ScriptedAWS([
            Self.token, .ok("i-0abc"), .ok("c5a.2xlarge"), .ok("us-east-1a"), .ok("spot"),
            .ok("us-east-1"), .ok(##"{"pendingTime":"\##(Self.time)","region":"us-east-1"}"##),
        ])
        let identity = try await WorkerIdentity.read(from: imds(aws))
        #expect(
            identity
                == WorkerIdentity(
                    id: WorkerID("i-0abc"),
                    pool: Pool(instanceType: "c5a.2xlarge", zone: "us-east-1a"),
                    lifecycle: .spot, region: "us-east-1", launched: Self.moment))
    }

    private func identity(_ lifecycle: WorkerRecord.Lifecycle) -> WorkerIdentity {
        WorkerIdentity(
            id: WorkerID("i-0abc"), pool: Pool(instanceType: "c5a.2xlarge", zone: "us-east-1a"),
            lifecycle: lifecycle, region: "us-east-1", launched: Self.moment)
    }

    private func price(_ usd: String, _ time: String) -> String {
        "<item><instanceType>c5a.2xlarge</instanceType>"
            + "<productDescription>Linux/UNIX</productDescription><spotPrice>\(usd)</spotPrice>"
            + "<timestamp>\(time)</timestamp><availabilityZone>us-east-1a</availabilityZone></item>"
    }

    @Test func `pays the price at its start and each later price`() async throws {
        let items =
            price("0.1234", "2026-11-21T08:45:00.000Z") + price("0.1100", "2026-11-21T07:30:00Z")
        let aws = ScriptedAWS([
            .ok(
                "<DescribeSpotPriceHistoryResponse><spotPriceHistorySet>\(items)"
                    + "</spotPriceHistorySet><nextToken/></DescribeSpotPriceHistoryResponse>")
        ])
        let prices = EC2InstancePrices(EC2(try aws.client()), of: identity(.spot))
        let steps = try await prices.prices(from: Self.moment, to: Self.moment + .seconds(3600))
        #expect(
            steps == [
                PriceStep(
                    time: Self.moment + .seconds(-3600), price: Money(nanodollars: 110_000_000)),
                PriceStep(
                    time: Self.moment + .seconds(900), price: Money(nanodollars: 123_400_000)),
            ])
        #expect(aws.bodies[0].contains("AvailabilityZone=us-east-1a"))
        #expect(aws.bodies[0].contains("StartTime=2026-11-21T08%3A30%3A00Z"))
        #expect(aws.bodies[0].contains("EndTime=2026-11-21T09%3A30%3A00Z"))
    }

    @Test func `on demand has the price in the table, without a request`() async throws {
        let aws = ScriptedAWS([])
        let prices = EC2InstancePrices(EC2(try aws.client()), of: identity(.onDemand))
        let steps = try await prices.prices(from: Self.moment, to: Self.moment)
        #expect(
            steps == [PriceStep(time: Self.moment, price: Money(nanodollars: 308_000_000))])
        #expect(aws.requests.isEmpty)
    }
}

@Suite struct `An Auto Scaling group` {
    private static let settings = [
        "SPOTRENDER_SPOT_GROUP": "farm", "SPOTRENDER_ON_DEMAND_GROUP": "reserve",
    ]

    private func fleet(_ aws: ScriptedAWS) throws -> AutoScalingFleet {
        AutoScalingFleet(
            AutoScaling(try aws.client()), groups: try GroupSettings(environment: Self.settings))
    }

    private static func member(_ id: String, _ state: String, _ more: String = "") -> String {
        "<member><InstanceId>\(id)</InstanceId><AvailabilityZone>us-east-1a</AvailabilityZone>"
            + "<LifecycleState>\(state)</LifecycleState>\(more)</member>"
    }

    @Test func `counts running and starting instances with their weights`() async throws {
        let members =
            Self.member("i-1", "InService", "<ProtectedFromScaleIn>true</ProtectedFromScaleIn>")
            + Self.member("i-2", "Pending:Wait", "<WeightedCapacity>2</WeightedCapacity>")
            + Self.member("i-3", "Terminating:Wait") + Self.member("i-4", "Detaching")
        let overrides =
            "<member><InstanceType>c5a.4xlarge</InstanceType>"
            + "<WeightedCapacity>2</WeightedCapacity></member>"
        let aws = ScriptedAWS([
            .ok(
                "<R><DescribeAutoScalingGroupsResult><AutoScalingGroups><member>"
                    + "<AutoScalingGroupName>farm</AutoScalingGroupName><MinSize>0</MinSize>"
                    + "<MaxSize>10</MaxSize><DesiredCapacity>4</DesiredCapacity>"
                    + "<MixedInstancesPolicy><LaunchTemplate><Overrides>\(overrides)</Overrides>"
                    + "</LaunchTemplate></MixedInstancesPolicy>"
                    + "<Instances>\(members)</Instances></member></AutoScalingGroups>"
                    + "</DescribeAutoScalingGroupsResult></R>")
        ])
        let group = try await fleet(aws).spot()
        #expect(
            group
                == FleetGroup(
                    lifecycle: .spot, desired: 4, unitsMin: 0, unitsMax: 10,
                    weights: ["c5a.4xlarge": 2],
                    members: [
                        .init(id: WorkerID("i-1"), isProtected: true),
                        .init(
                            id: WorkerID("i-2"), units: 2, isInService: false, isProtected: false),
                    ]))
        #expect(group.present == 3)
    }

    @Test func `that does not exist is missing, with the variables to check`() async throws {
        let aws = ScriptedAWS([
            .ok(
                "<R><DescribeAutoScalingGroupsResult><AutoScalingGroups/>"
                    + "</DescribeAutoScalingGroupsResult></R>")
        ])
        let error = await #expect(throws: PortError.self) { try await fleet(aws).onDemand() }
        #expect(error?.kind == .missing)
        #expect(error?.message.contains("SPOTRENDER_ON_DEMAND_GROUP") == true)
    }

    @Test func `shrinks by one when an instance is ended`() async throws {
        let aws = ScriptedAWS([.ok("<R/>")])
        try await fleet(aws).end(WorkerID("i-1"))
        #expect(
            aws.bodies[0].contains(
                "Action=TerminateInstanceInAutoScalingGroup&Version=2011-01-01&InstanceId=i-1"
                    + "&ShouldDecrementDesiredCapacity=true"))
    }

    @Test(arguments: [
        ("ValidationError", "Instance Id not found - No managed instance found for i-1"),
        ("ScalingActivityInProgress", "i-1 is being terminated already."),
    ])
    func `accepts that an instance has already ended`(
        _ code: String, _ message: String
    ) async throws {
        try await fleet(ScriptedAWS([refusal(code, message)])).end(WorkerID("i-1"))
    }

    @Test func `reports that it would shrink below its minimum`() async throws {
        let answer = refusal("ValidationError", "would violate the group's minimum size")
        await #expect(throws: PortError.self) {
            try await fleet(ScriptedAWS([answer])).end(WorkerID("i-1"))
        }
    }

    private func refusal(_ code: String, _ message: String) -> HTTPResponse {
        HTTPResponse(
            status: 400, headers: [],
            body: Array(
                "<ErrorResponse><Error><Code>\(code)</Code><Message>\(message)</Message></Error></ErrorResponse>"
                    .utf8))
    }
}

@Suite struct `Settings from the environment` {
    private static let environment = [
        "SPOTRENDER_TABLE": "table", "SPOTRENDER_QUEUE_URL": "https://q",
        "SPOTRENDER_HIGH_QUEUE_URL": "https://h",
        "SPOTRENDER_ON_DEMAND_QUEUE_URL": "https://o",
        "SPOTRENDER_DEAD_LETTER_QUEUE_URL": "https://d", "SPOTRENDER_INPUT_BUCKET": "in",
        "SPOTRENDER_OUTPUT_BUCKET": "out", "SPOTRENDER_SPOT_GROUP": "farm",
        "SPOTRENDER_ON_DEMAND_GROUP": "reserve", "SPOTRENDER_STACK": "mine",
        "SPOTRENDER_ON_DEMAND_BASE": "1",
        "SPOTRENDER_FLEET_MIN": "0", "SPOTRENDER_FLEET_MAX": "10",
        "SPOTRENDER_TURN_AROUND_SECONDS": "3600",
    ]

    @Test func `are read`() throws {
        let settings = try Settings(environment: Self.environment)
        #expect(settings.table == "table")
        #expect(settings.outputBucket == "out")
        let fleet = try FleetSettings(environment: Self.environment)
        #expect(
            fleet.policy
                == ScalingPolicy(
                    turnAround: .seconds(3600),
                    limits: ScalingPolicy.Limits(unitsMax: 10, onDemandBase: 1, onDemandMax: 2)))
        #expect(fleet.groups.lifecycle(of: "reserve") == .onDemand)
        #expect(fleet.groups.lifecycle(of: "other") == nil)
        #expect(fleet.stack == "mine")
        #expect(settings.lease == LeaseTerms())
    }

    @Test func `set the length of a lease, which is renewed four times in this time`() throws {
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
                "SPOTRENDER_TABLE", "SPOTRENDER_HIGH_QUEUE_URL",
                "SPOTRENDER_ON_DEMAND_QUEUE_URL", "SPOTRENDER_DEAD_LETTER_QUEUE_URL",
                "SPOTRENDER_INPUT_BUCKET", "SPOTRENDER_OUTPUT_BUCKET",
            ])
    }

    @Test(arguments: [
        ("SPOTRENDER_FLEET_MAX", "ten"), ("SPOTRENDER_FLEET_MAX", "-1"),
        ("SPOTRENDER_FLEET_MIN", "1.5"), ("SPOTRENDER_ON_DEMAND_MAX", "0"),
        ("SPOTRENDER_IDLE_GRACE_SECONDS", "-5"), ("SPOTRENDER_LAUNCH_WAIT_SECONDS", "soon"),
        ("SPOTRENDER_TURN_AROUND_SECONDS", "0"),
    ])
    func `refuse a malformed number`(_ name: String, _ value: String) {
        let environment = Self.environment.merging([name: value]) { $1 }
        let error = #expect(throws: SettingsError.self) {
            try FleetSettings(environment: environment)
        }
        #expect(error?.description.contains("\(name)=\(value)") == true)
    }
}
