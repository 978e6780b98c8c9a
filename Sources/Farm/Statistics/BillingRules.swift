/// How EC2 charges for an instance: its published rules for Linux.
///
/// EC2 charges every started second, at least sixty. For each hour of a Spot instance it charges
/// the price at the beginning of that hour. An instance that EC2 reclaims within its first hour is
/// free (EC2 user guide, "Billing for interrupted Spot Instances").
package struct BillingRules: Hashable, Sendable {
    package static let secondsMin: Int64 = 60
    private static let hour: Int64 = 3600
    /// A month of 30 days, as in EBS's example.
    private static let monthSeconds: Int64 = 30 * 86_400

    package var isFirstHourFree: Bool

    package init(isFirstHourFree: Bool = true) {
        self.isFirstHourFree = isFirstHourFree
    }

    package func seconds(of life: InstanceLife) -> Int64 {
        max(Self.secondsMin, (life.duration.milliseconds + 999) / 1000)
    }

    /// The charge at the recorded prices, before a refund; `nil` without a price.
    package func charge(_ life: InstanceLife) -> Money? {
        guard !life.prices.isEmpty else { return nil }
        let seconds = seconds(of: life)
        var product = Int128(0)
        for start in stride(from: 0, to: seconds, by: Int(Self.hour)) {
            let hour = life.launched + .seconds(start)
            let price = life.prices.price(at: hour) ?? .zero
            product += Int128(price.nanodollars) * Int128(min(Self.hour, seconds - start))
        }
        return Money(rounding: product, over: Int128(Self.hour))
    }

    /// The part of the charge that EC2 refunds.
    package func refund(_ life: InstanceLife) -> Money {
        guard isFirstHourFree, life.lifecycle == .spot, life.status == .reclaimed,
            life.duration < .seconds(Self.hour)
        else { return .zero }
        return charge(life) ?? .zero
    }

    /// The charge for the same time at the On-Demand price; `nil` when that price is not known.
    package func onDemandCharge(_ life: InstanceLife, _ book: PriceBook) -> Money? {
        book.onDemandPrice(of: life.pool)?.times(seconds(of: life), over: Self.hour)
    }

    /// The charge for its disk, however the instance ends.
    package func diskCharge(_ life: InstanceLife, _ prices: UsagePrices) -> Money {
        let size = Int64(life.diskGiB ?? 0)
        return prices.diskPerGiBMonth.times(size * seconds(of: life), over: Self.monthSeconds)
    }
}
