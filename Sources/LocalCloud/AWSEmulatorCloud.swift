package import AWS
import Farm
package import FoundationEssentials
import HTTP

/// Calls the local AWS APIs for the Spot emulator.
package struct AWSEmulatorCloud: EmulatorCloud {
    private let account: LocalAccount
    private let outputs: StackOutputs
    private let transport: any HTTPTransport
    private let groups: AutoScaling
    private let market: EC2
    private let tokens: STS
    private let now: @Sendable () -> Date

    package init(
        account: LocalAccount, outputs: StackOutputs, client: AWSClient,
        now: @escaping @Sendable () -> Date
    ) {
        self.account = account
        self.outputs = outputs
        self.transport = client.transport
        self.groups = AutoScaling(client)
        self.market = EC2(client)
        self.tokens = STS(client)
        self.now = now
    }

    package func members() async throws(LocalCloudError) -> [GroupMember] {
        do {
            let found = try await groups.describeGroups([outputs.spotGroup, outputs.onDemandGroup])
            return found.flatMap { group in
                group.instances.map {
                    GroupMember(
                        id: $0.id, zone: $0.zone, isSpot: group.name == outputs.spotGroup,
                        isLeaving: $0.lifecycleState == "Terminating:Wait")
                }
            }
        } catch {
            throw LocalCloudError("read the groups' instances", "\(error)")
        }
    }

    package func replace(_ instance: String) async throws(LocalCloudError) {
        do {
            try await groups.terminateInstance(instance, isReplaced: true)
        } catch {
            throw LocalCloudError("replace \(instance)", "\(error)")
        }
    }

    package func roleKeys(for instance: String) async throws(LocalCloudError) -> RoleKeys {
        do {
            let keys = try await tokens.assumeRole(
                outputs.workerRole, session: instance, seconds: 3600)
            let expiration = keys.expiration.map {
                Date(timeIntervalSince1970: Double($0.millisecondsSinceEpoch) / 1000)
            }
            return RoleKeys(
                accessKeyID: keys.accessKeyID, secretAccessKey: keys.secretAccessKey,
                sessionToken: keys.sessionToken ?? "",
                expiration: expiration ?? now().addingTimeInterval(3600))
        } catch {
            throw LocalCloudError("get keys of the workers' role", "\(error)")
        }
    }

    package func price(of member: GroupMember) async throws(LocalCloudError) -> String? {
        guard member.isSpot else {
            let pool = Pool(instanceType: LocalSettings.instanceType, zone: member.zone)
            return PriceBook.builtIn.onDemandPrice(of: pool).map { $0.decimal }
        }
        let now = UTCTime(
            millisecondsSinceEpoch: Int64((now().timeIntervalSince1970 * 1000).rounded()))
        do {
            let prices = try await market.describeSpotPriceHistory(
                instanceTypes: [LocalSettings.instanceType], zone: member.zone, in: now...now)
            return prices.first?.price
        } catch {
            throw LocalCloudError("read the Spot price in \(member.zone)", "\(error)")
        }
    }

    package func announce(
        _ event: EmulatedEvent, of instance: String
    ) async throws(LocalCloudError) {
        let (type, fact) =
            switch event {
            case .interruptionWarning:
                ("EC2 Spot Instance Interruption Warning", #""instance-action":"terminate""#)
            case .state(let state):
                ("EC2 Instance State-change Notification", #""state":"\#(state)""#)
            }
        let body = """
            {"source":"aws.ec2","detail-type":"\(type)",\
            "resources":["arn:aws:ec2:\(LocalSettings.region):000000000000:instance/\(instance)"],\
            "detail":{"instance-id":"\(instance)",\(fact)}}
            """
        _ = try await LoopbackCall(
            transport: transport, port: account.port, secretKey: account.secretKey
        ).send(.post, "/_spotrender/events", body, doing: "put the event \(type)")
    }
}
