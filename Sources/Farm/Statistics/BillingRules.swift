/// What EC2 asks for an instance: EC2's published rules for Linux.
///
/// By the second, every second that was begun, sixty at least. A Spot instance pays, for each of its
/// own hours, the price in force where that hour began. One that EC2 itself takes back within its
/// first hour is free (EC2 user guide, "Billing for interrupted Spot Instances").
package struct BillingRules: Hashable, Sendable {
    package static let secondsMin: Int64 = 60
    private static let hour: Int64 = 3600
    /// EBS's own example of a month (30 days).
    private static let monthSeconds: Int64 = 30 * 86_400

    package var isFirstHourFree: Bool

    package init(isFirstHourFree: Bool = true) {
        self.isFirstHourFree = isFirstHourFree
    }

    package func seconds(of life: InstanceLife) -> Int64 {
        max(Self.secondsMin, (life.duration.milliseconds + 999) / 1000)
    }

    /// At the prices that the instance recorded, refund aside; `nil` without any.
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

    /// What of the charge EC2 gives back.
    package func refund(_ life: InstanceLife) -> Money {
        guard isFirstHourFree, life.lifecycle == .spot, life.ending == .reclaimed,
            life.duration < .seconds(Self.hour)
        else { return .zero }
        return charge(life) ?? .zero
    }

    /// The same seconds at the On-Demand price; `nil` where that is not known.
    package func onDemandCharge(_ life: InstanceLife, _ book: PriceBook) -> Money? {
        book.onDemandPrice(of: life.pool)?.times(seconds(of: life), over: Self.hour)
    }

    /// Its disk, for as long as it was there: paid whoever ends the instance.
    package func diskCharge(_ life: InstanceLife, _ prices: UsagePrices) -> Money {
        let size = Int64(life.diskGiB ?? 0)
        return prices.diskPerGiBMonth.times(size * seconds(of: life), over: Self.monthSeconds)
    }
}
