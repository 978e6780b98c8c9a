import HTTP
import Testing

@testable import AWS

@Suite struct `An Auto Scaling group` {
    @Test func `is described with its instances`() async throws {
        let transport = ScriptedTransport(
            .xml(
                """
                <DescribeAutoScalingGroupsResponse xmlns="http://autoscaling.amazonaws.com/\
                doc/2011-01-01/"><DescribeAutoScalingGroupsResult><AutoScalingGroups><member>
                <AutoScalingGroupName>farm</AutoScalingGroupName><MinSize>0</MinSize>
                <MaxSize>10</MaxSize><DesiredCapacity>2</DesiredCapacity><Instances><member>
                <InstanceId>i-1</InstanceId><InstanceType>c7i.large</InstanceType>
                <AvailabilityZone>us-east-1a</AvailabilityZone>
                <LifecycleState>InService</LifecycleState><HealthStatus>Healthy</HealthStatus>
                <ProtectedFromScaleIn>true</ProtectedFromScaleIn></member></Instances>
                </member></AutoScalingGroups><NextToken/></DescribeAutoScalingGroupsResult>
                </DescribeAutoScalingGroupsResponse>
                """))
        let groups = try await AutoScaling(.test(transport)).describeGroups(["farm", "b&c"])
        #expect(
            groups == [
                .init(
                    name: "farm", sizeMin: 0, sizeMax: 10, desiredCapacity: 2,
                    instances: [
                        .init(
                            id: "i-1", type: "c7i.large", zone: "us-east-1a",
                            lifecycleState: "InService", isHealthy: true, isProtected: true)
                    ])
            ])
        let request = transport.requests[0]
        #expect(request.url == "https://autoscaling.us-east-1.amazonaws.com/")
        #expect(
            request.header("Content-Type") == "application/x-www-form-urlencoded; charset=utf-8")
        #expect(
            request.text == "Action=DescribeAutoScalingGroups&Version=2011-01-01"
                + "&AutoScalingGroupNames.member.1=farm&AutoScalingGroupNames.member.2=b%26c")
    }

    @Test func `is resized, and its instances are protected and ended`() async throws {
        let ok = HTTPResponse.xml("<R><ResponseMetadata/></R>")
        let transport = ScriptedTransport(ok, ok, ok)
        let fleet = try AutoScaling(.test(transport))
        try await fleet.setDesiredCapacity(group: "farm", 3)
        try await fleet.setInstanceProtection(
            group: "farm", instances: ["i-1", "i-2"], isProtected: true)
        try await fleet.terminateInstance("i-1", isReplaced: false)
        #expect(
            transport.requests.map(\.text) == [
                "Action=SetDesiredCapacity&Version=2011-01-01&AutoScalingGroupName=farm"
                    + "&DesiredCapacity=3&HonorCooldown=false",
                "Action=SetInstanceProtection&Version=2011-01-01&InstanceIds.member.1=i-1"
                    + "&InstanceIds.member.2=i-2&AutoScalingGroupName=farm"
                    + "&ProtectedFromScaleIn=true",
                "Action=TerminateInstanceInAutoScalingGroup&Version=2011-01-01&InstanceId=i-1"
                    + "&ShouldDecrementDesiredCapacity=true",
            ])
    }
}

@Suite struct `An instance that waits at a lifecycle hook` {
    @Test func `ends when its lifecycle action is completed`() async throws {
        let transport = ScriptedTransport(.xml("<R><ResponseMetadata/></R>"))
        try await AutoScaling(.test(transport)).completeLifecycleAction(
            group: "farm", hook: "end", token: "t-1", instance: "i-1")
        #expect(
            transport.requests.map(\.text) == [
                "Action=CompleteLifecycleAction&Version=2011-01-01&AutoScalingGroupName=farm"
                    + "&LifecycleHookName=end&LifecycleActionToken=t-1&InstanceId=i-1"
                    + "&LifecycleActionResult=CONTINUE"
            ])
    }
}

@Suite struct `An instance's group` {
    private func answer(_ members: String) -> HTTPResponse {
        .xml(
            "<R><DescribeAutoScalingInstancesResult><AutoScalingInstances>\(members)"
                + "</AutoScalingInstances></DescribeAutoScalingInstancesResult></R>")
    }

    @Test func `is returned by name`() async throws {
        let member = "<member><AutoScalingGroupName>farm</AutoScalingGroupName></member>"
        let transport = ScriptedTransport(answer(member), answer(""))
        let autoScaling = try AutoScaling(.test(transport))
        #expect(try await autoScaling.group(of: "i-1") == "farm")
        #expect(try await autoScaling.group(of: "i-2") == nil)
        #expect(
            transport.requests[0].text
                == "Action=DescribeAutoScalingInstances&Version=2011-01-01&InstanceIds.member.1=i-1"
        )
    }
}

@Suite struct `The SNS service` {
    @Test func `publishes a message`() async throws {
        let transport = ScriptedTransport(
            .xml(
                "<PublishResponse><PublishResult><MessageId>m</MessageId></PublishResult>"
                    + "</PublishResponse>"))
        try await SNS(.test(transport)).publish(
            topic: "arn:aws:sns:us-east-1:1:t", subject: "Spot", message: "a & b\nc")
        #expect(transport.requests[0].url == "https://sns.us-east-1.amazonaws.com/")
        #expect(
            transport.requests[0].text == "Action=Publish&Version=2010-03-31"
                + "&TopicArn=arn%3Aaws%3Asns%3Aus-east-1%3A1%3At&Subject=Spot"
                + "&Message=a%20%26%20b%0Ac")
    }
}

@Suite struct `The EC2 service` {
    @Test func `returns prices page by page`() async throws {
        func page(_ price: String, _ next: String) -> HTTPResponse {
            .xml(
                """
                <DescribeSpotPriceHistoryResponse><spotPriceHistorySet><item>
                <instanceType>c7i.large</instanceType><availabilityZone>us-east-1a\
                </availabilityZone><productDescription>Linux/UNIX</productDescription>
                <spotPrice>\(price)</spotPrice><timestamp>2015-08-30T12:36:00.000Z</timestamp>
                </item></spotPriceHistorySet>\(next)</DescribeSpotPriceHistoryResponse>
                """)
        }
        let transport = ScriptedTransport(
            page("0.034500", "<nextToken>a=</nextToken>"),
            page("0.03", "<nextToken></nextToken>"))
        let prices = try await EC2(.test(transport)).describeSpotPriceHistory(
            instanceTypes: ["c7i.large", "m7i.large"], zone: "us-east-1a",
            in: TestTiming.start...TestTiming.start.advanced(by: .seconds(60)))
        #expect(prices.map(\.price) == ["0.034500", "0.03"])
        #expect(prices[0].time == TestTiming.start)
        let fields =
            "Action=DescribeSpotPriceHistory&Version=2016-11-15"
            + "&StartTime=2015-08-30T12%3A36%3A00Z&EndTime=2015-08-30T12%3A37%3A00Z"
            + "&InstanceType.1=c7i.large&InstanceType.2=m7i.large"
            + "&ProductDescription.1=Linux%2FUNIX&AvailabilityZone=us-east-1a"
        #expect(transport.requests.map(\.text) == [fields, fields + "&NextToken=a%3D"])
    }

    @Test func `reports a malformed price as an error`() async throws {
        let transport = ScriptedTransport(
            .xml(
                "<R><spotPriceHistorySet><item><spotPrice>x</spotPrice></item></spotPriceHistorySet></R>"
            ))
        let market = try EC2(.test(transport))
        let error = await #expect(throws: AWSError.self) {
            try await market.describeSpotPriceHistory(
                instanceTypes: ["c7i.large"], in: TestTiming.start...TestTiming.start)
        }
        #expect(error?.code == "UnreadableAnswer")
    }
}

@Suite struct `The STS service` {
    @Test func `returns the credentials of a role`() async throws {
        let transport = ScriptedTransport(
            .xml(
                """
                <AssumeRoleResponse><AssumeRoleResult><Credentials><AccessKeyId>ASIA\
                </AccessKeyId><SecretAccessKey>s</SecretAccessKey><SessionToken>t\
                </SessionToken><Expiration>2015-08-30T12:36:00Z</Expiration></Credentials>\
                </AssumeRoleResult></AssumeRoleResponse>
                """))
        let credentials = try await STS(.test(transport)).assumeRole(
            "arn:aws:iam::1:role/worker", session: "i-1", seconds: 900)
        #expect(
            credentials
                == Credentials(
                    accessKeyID: "ASIA", secretAccessKey: "s", sessionToken: "t",
                    expiration: TestTiming.start))
        #expect(
            transport.requests[0].text == "Action=AssumeRole&Version=2011-06-15"
                + "&DurationSeconds=900&RoleArn=arn%3Aaws%3Aiam%3A%3A1%3Arole%2Fworker"
                + "&RoleSessionName=i-1")
    }
}
