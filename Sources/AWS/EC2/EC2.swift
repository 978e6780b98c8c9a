/// EC2: Spot prices. Source: API version 2016-11-15.
package struct EC2: Sendable {
    private static let pagesMax = 200

    /// The Spot price of an instance type in an Availability Zone from `time` on.
    package struct SpotPrice: Hashable, Sendable {
        package let instanceType: String
        package let zone: String
        package let product: String
        /// US dollars an hour, as EC2 writes them: a decimal without rounding.
        package let price: String
        package let time: UTCTime

        package init(
            instanceType: String, zone: String, product: String, price: String, time: UTCTime
        ) {
            self.instanceType = instanceType
            self.zone = zone
            self.product = product
            self.price = price
            self.time = time
        }
    }

    let service: ServiceClient

    package init(_ client: AWSClient) {
        service = ServiceClient(client, .ec2)
    }

    /// Reads the price changes in a period, newest first, and for each pool the last change before
    /// the period. AWS keeps them for 90 days.
    ///
    /// - Parameter zone: `nil` for all zones of the region.
    package func describeSpotPriceHistory(
        instanceTypes: [String], products: [String] = ["Linux/UNIX"], zone: String? = nil,
        in period: ClosedRange<UTCTime>
    ) async throws(AWSError) -> [SpotPrice] {
        var fields = [
            (name: "StartTime", value: period.lowerBound.iso8601),
            (name: "EndTime", value: period.upperBound.iso8601),
        ]
        fields += Self.list("InstanceType", instanceTypes)
        fields += Self.list("ProductDescription", products)
        if let zone { fields.append((name: "AvailabilityZone", value: zone)) }
        let operation = "DescribeSpotPriceHistory"
        return try await pages(operation, fields) { root throws(AWSError) in
            var prices: [SpotPrice] = []
            for item in root.list("spotPriceHistorySet", of: "item") {
                guard let type = item["instanceType"]?.text,
                    let zone = item["availabilityZone"]?.text,
                    let product = item["productDescription"]?.text,
                    let price = item["spotPrice"]?.text,
                    let time = item["timestamp"].flatMap({ UTCTime(iso8601: $0.text) })
                else { throw service.missing("type, zone, price or time", in: operation) }
                prices.append(
                    SpotPrice(
                        instanceType: type, zone: zone, product: product, price: price, time: time)
                )
            }
            return prices
        }
    }

    /// Reads all pages. On the last page, EC2's token is empty or missing.
    private func pages<Element>(
        _ operation: String, _ fields: [(name: String, value: String)],
        read: (XMLElement) throws(AWSError) -> [Element]
    ) async throws(AWSError) -> [Element] {
        var elements: [Element] = []
        var token: String?
        for _ in 0..<Self.pagesMax {
            let next = token.map { [(name: "NextToken", value: $0)] } ?? []
            let root = try await service.query(operation, fields + next)
            elements += try read(root)
            token = root["nextToken"].map(\.text).flatMap { $0.isEmpty ? nil : $0 }
            guard token != nil else { return elements }
        }
        throw service.missing("end after \(Self.pagesMax) pages", in: operation)
    }

    /// EC2 names a list's fields `InstanceType.1`, without `.member`.
    private static func list(_ name: String, _ values: [String]) -> [(name: String, value: String)]
    {
        values.enumerated().map { (name: "\(name).\($0.offset + 1)", value: $0.element) }
    }
}
