package import AWS
package import Farm

/// The identity of this worker: its instance, pool and kind.
package struct WorkerIdentity: Hashable, Sendable {
    package let id: WorkerID
    package let pool: Pool
    package let lifecycle: WorkerRecord.Lifecycle
    package let region: String
    package let launched: Timestamp

    package init(
        id: WorkerID, pool: Pool, lifecycle: WorkerRecord.Lifecycle, region: String,
        launched: Timestamp
    ) {
        self.id = id
        self.pool = pool
        self.lifecycle = lifecycle
        self.region = region
        self.launched = launched
    }

    /// Asks the instance metadata service, which needs no credentials.
    package static func read(from imds: IMDS) async throws(PortError) -> WorkerIdentity {
        do throws(IMDSError) {
            let instance = try await imds.identity()
            guard let region = try await imds.metadata("placement/region") else {
                throw IMDSError.unreadable(path: "placement/region")
            }
            return WorkerIdentity(
                id: WorkerID(instance.id),
                pool: Pool(instanceType: instance.type, zone: instance.zone),
                lifecycle: instance.isSpot ? .spot : .onDemand, region: region,
                launched: Timestamp(
                    milliseconds: try await imds.launchTime().millisecondsSinceEpoch))
        } catch {
            throw PortError(error, "read this instance's identity")
        }
    }
}
