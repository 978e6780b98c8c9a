/// A price and the time it starts. It holds until the next step.
package struct PriceStep: Hashable, Sendable {
    package let time: Timestamp
    /// USD per instance-hour.
    package let price: Money

    package init(time: Timestamp, price: Money) {
        self.time = time
        self.price = price
    }
}

extension [PriceStep] {
    /// The price at a time. Before the first step it is the first price. `nil` without any step.
    /// The steps are in the order of their times.
    package func price(at time: Timestamp) -> Money? {
        (last { $0.time <= time } ?? first)?.price
    }

    /// Adds steps of `others` whose price differs from the price before.
    package func merged(with others: [PriceStep]) -> [PriceStep] {
        var steps: [PriceStep] = []
        for step in (self + others).sorted(by: { $0.time < $1.time })
        where steps.last?.price != step.price && steps.last?.time != step.time {
            steps.append(step)
        }
        return steps
    }
}
