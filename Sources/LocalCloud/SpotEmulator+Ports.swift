package import FoundationEssentials

extension SpotEmulator {
    /// What the emulator needs from its environment.
    package struct Ports: Sendable {
        package var cloud: any EmulatorCloud
        package var host: any InstanceHost
        package var journal: Journal
        package var now: @Sendable () -> Date
        package var pause: @Sendable (Duration) async -> Void
        package var metadata:
            @Sendable (MetadataService.Identity) throws(LocalCloudError) -> any InstanceMetadata

        package init(
            cloud: any EmulatorCloud, host: any InstanceHost, journal: Journal,
            now: @escaping @Sendable () -> Date,
            pause: @escaping @Sendable (Duration) async -> Void,
            metadata:
                @escaping @Sendable (MetadataService.Identity) throws(LocalCloudError)
                -> any InstanceMetadata
        ) {
            self.cloud = cloud
            self.host = host
            self.journal = journal
            self.now = now
            self.pause = pause
            self.metadata = metadata
        }
    }

    /// Properties that all instances share.
    package struct Kind: Hashable, Sendable {
        package var instanceType: String
        package var region: String
        package var accountID: String
        package var roleName: String

        package init(instanceType: String, region: String, accountID: String, roleName: String) {
            self.instanceType = instanceType
            self.region = region
            self.accountID = accountID
            self.roleName = roleName
        }
    }
}
