/// Prices that change rarely, as a dated table. A newer table replaces it whole.
///
/// Spot prices are not in it: each worker records its own price at boot and every change.
package struct PriceBook: Hashable, Sendable {
    /// Source and date of the On-Demand prices.
    package let onDemandSource: String
    /// The Region of these prices.
    package let region: String
    /// USD per instance-hour, Linux, by instance type.
    package let onDemand: [String: Money]
    /// By instance type. Some types were never measured.
    package let speeds: [String: MachineSpeed]
    package let usage: UsagePrices

    package init(
        region: String, onDemand: [String: Money], source: String,
        speeds: [String: MachineSpeed] = [:], usage: UsagePrices = .published
    ) {
        self.region = region
        self.onDemand = onDemand
        self.speeds = speeds
        onDemandSource = source
        self.usage = usage
    }

    /// `nil` for a type that is not in the table, and in other Regions.
    package func onDemandPrice(of pool: Pool) -> Money? {
        // `us-east-1a` is in `us-east-1`; a Local Zone's name (`us-east-1-bos-1a`) is not.
        pool.zone.dropLast() == region ? onDemand[pool.instanceType] : nil
    }

    /// The built-in table.
    package static let builtIn: PriceBook = {
        let rows = read(PackageResources.on_demand_us_east_1_csv)
        return PriceBook(
            region: "us-east-1",
            onDemand: Dictionary(uniqueKeysWithValues: rows.map { ($0.type, $0.price) }),
            source: "us-east-1, Linux, 2026-07-20 (aws/karpenter-provider-aws, Apache-2.0)",
            speeds: Dictionary(
                uniqueKeysWithValues: rows.compactMap { row in row.speed.map { (row.type, $0) } }))
    }()

    /// Reads lines such as `c5a.large,0.077,2,36337.2` after a heading. The last cell may be empty.
    private static func read(
        _ table: [UInt8]
    ) -> [(type: String, price: Money, speed: MachineSpeed?)] {
        String(decoding: table, as: UTF8.self).split(separator: "\n").dropFirst().map { line in
            let cells = line.split(separator: ",", omittingEmptySubsequences: false)
            guard cells.count == 4, let price = Money(decimal: cells[1]),
                let processors = Int(cells[2])
            else { preconditionFailure("The On-Demand table has an invalid line: \(line)") }
            let speed = Double(cells[3]).map { MachineSpeed(processors: processors, coreMark: $0) }
            return (String(cells[0]), price, speed)
        }
    }
}

/// The speed of a whole machine.
package struct MachineSpeed: Hashable, Sendable {
    /// Hardware threads: EC2's vCPUs.
    package let processors: Int
    /// CoreMark iterations per second of all processors together.
    package let coreMark: Double

    package init(processors: Int, coreMark: Double) {
        precondition(processors > 0 && coreMark > 0, "A machine has processors and a speed.")
        self.processors = processors
        self.coreMark = coreMark
    }

    /// The speed of a machine with `count` of the same processors.
    package func with(processors count: Int) -> MachineSpeed {
        MachineSpeed(
            processors: count, coreMark: coreMark * Double(count) / Double(processors))
    }

    /// vantage-sh/ec2instances.info (MIT), measured 2025-12 to 2026-01.
    package static let source = "CoreMark by vantage-sh/ec2instances.info, 2025-12 to 2026-01"
}

/// Prices of everything besides instances, in USD.
package struct UsagePrices: Hashable, Sendable {
    package let source: String
    /// General Purpose SSD (gp3) per GiB and 30 days. Charged per second, at least 60 s.
    package let diskPerGiBMonth: Money
    /// 1,000 PUT requests, S3 Standard.
    package let thousandPuts: Money
    /// A million write request units, on demand.
    package let millionTableWrites: Money
    /// A million requests to a standard queue.
    package let millionQueueRequests: Money

    package static let published = UsagePrices(
        source: "us-east-1, before any free tier, checked 2026-11-21 (decision 0012)",
        diskPerGiBMonth: Money(nanodollars: 80_000_000),
        thousandPuts: Money(nanodollars: 5_000_000),
        millionTableWrites: Money(nanodollars: 625_000_000),
        millionQueueRequests: Money(nanodollars: 400_000_000))
}
