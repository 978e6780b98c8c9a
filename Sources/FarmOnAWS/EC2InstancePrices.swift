package import AWS
package import Farm

/// An instance's price: from EC2's price history for Spot, from the price table for On-Demand.
package struct EC2InstancePrices: InstancePrices {
    private let ec2: EC2
    private let pool: Pool
    private let lifecycle: WorkerRecord.Lifecycle
    private let book: PriceBook

    package init(_ ec2: EC2, of worker: WorkerIdentity, book: PriceBook = .builtIn) {
        self.ec2 = ec2
        pool = worker.pool
        lifecycle = worker.lifecycle
        self.book = book
    }

    package func prices(
        from start: Timestamp, to end: Timestamp
    ) async throws(PortError) -> [PriceStep] {
        switch lifecycle {
        case .onDemand:
            return book.onDemandPrice(of: pool).map { [PriceStep(time: start, price: $0)] } ?? []
        case .spot:
            let operation = "read the Spot price of \(pool)"
            let changes: [EC2.SpotPrice]
            do throws(AWSError) {
                let from = UTCTime(millisecondsSinceEpoch: start.milliseconds)
                let to = UTCTime(millisecondsSinceEpoch: end.milliseconds)
                changes = try await ec2.describeSpotPriceHistory(
                    instanceTypes: [pool.instanceType], zone: pool.zone,
                    in: from...max(from, to))
            } catch {
                throw PortError(error, operation)
            }
            return try changes.map { change throws(PortError) in
                guard let price = Money(decimal: change.price) else {
                    throw PortError(.malformed, operation, "The price is “\(change.price)”.")
                }
                return PriceStep(
                    time: Timestamp(milliseconds: change.time.millisecondsSinceEpoch), price: price)
            }.sorted { $0.time < $1.time }
        }
    }
}
