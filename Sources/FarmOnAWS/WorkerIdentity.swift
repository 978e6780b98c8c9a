package import AWS
package import Farm

/// Who this worker is: what its instance says of itself.
package struct WorkerIdentity: Hashable, Sendable {
    package let id: WorkerID
    package let pool: Pool
    package let lifecycle: WorkerRecord.Lifecycle
    package let region: String

    package init(
        id: WorkerID, pool: Pool, lifecycle: WorkerRecord.Lifecycle, region: String
    ) {
        self.id = id
        self.pool = pool
        self.lifecycle = lifecycle
        self.region = region
    }

    /// Asks the instance metadata service, which answers before there are credentials.
    package static func read(from imds: IMDS) async throws(PortError) -> WorkerIdentity {
        do throws(IMDSError) {
            let instance = try await imds.identity()
            guard let region = try await imds.metadata("placement/region") else {
                throw IMDSError.unreadable(path: "placement/region")
            }
            return WorkerIdentity(
                id: WorkerID(instance.id),
                pool: Pool(instanceType: instance.type, zone: instance.zone),
                lifecycle: instance.isSpot ? .spot : .onDemand, region: region)
        } catch {
            throw PortError(error, "learn which instance this is")
        }
    }

    /// USD per hour of this Spot pool now; `nil` for On-Demand, and where EC2 has no price.
    package func spotPrice(
        from ec2: EC2, at now: Timestamp
    ) async throws(PortError) -> Double? {
        guard lifecycle == .spot else { return nil }
        let moment = UTCTime(millisecondsSinceEpoch: now.milliseconds)
        do throws(AWSError) {
            // From now to now: EC2 gives the price in force.
            let prices = try await ec2.describeSpotPriceHistory(
                instanceTypes: [pool.instanceType], zone: pool.zone, from: moment, to: moment)
            return prices.max { $0.time < $1.time }?.price
        } catch {
            throw PortError(error, "read the Spot price of \(pool)")
        }
    }
}
