/// A price that holds from a time on, until the next step.
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
    /// The price in force at a time; the first one where the steps, in order, begin later. `nil`
    /// without any.
    package func price(at time: Timestamp) -> Money? {
        (last { $0.time <= time } ?? first)?.price
    }

    /// With those of `others` that say something new: a price that differs from the one before.
    package func merged(with others: [PriceStep]) -> [PriceStep] {
        var steps: [PriceStep] = []
        for step in (self + others).sorted(by: { $0.time < $1.time })
        where steps.last?.price != step.price && steps.last?.time != step.time {
            steps.append(step)
        }
        return steps
    }
}
