import Farm
import FarmTesting
import Testing

@Suite struct `An amount of money` {
    @Test(arguments: [
        ("0.1619", 161_900_000), ("3", 3_000_000_000), ("0.000000001", 1), ("12.5", 12_500_000_000),
    ])
    func `reads prices as EC2 writes them`(_ text: String, _ nanodollars: Int64) {
        #expect(Money(decimal: text) == Money(nanodollars: nanodollars))
    }

    @Test(arguments: ["", ".", "1.", ".5", "-1", "1e3", "0.0000000001", "99999999999", "٣"])
    func `reads no other text as a price`(_ text: String) {
        #expect(Money(decimal: text) == nil)
    }

    @Test(arguments: [
        (1_234_567_890, 4, "1.2346"), (5_000, 5, "0.00001"), (4_999, 5, "0.00000"),
        (-5_000, 5, "-0.00001"), (0, 2, "0.00"), (1_500_000_000, 0, "2"), (7, 9, "0.000000007"),
    ])
    func `is written with the digits asked for`(
        _ nanodollars: Int64, _ digits: Int, _ text: String
    ) {
        #expect(Money(nanodollars: nanodollars).decimal(digits) == text)
    }

    @Test(
        arguments: [
            ("0.308", "0.308"), ("5", "5"), ("2.50", "2.5"), ("100", "100"), ("0", "0"),
            ("0.000000007", "0.000000007"),
        ] as [(Money, String)])
    func `is written exactly, without trailing zeros`(_ amount: Money, _ text: String) {
        #expect(amount.decimal == text)
    }

    @Test func `at a price per hour is rounded once, to the billionth`() {
        let price: Money = "0.1549"
        #expect(price.perHour(for: .seconds(3600)) == price)
        #expect(price.perHour(for: .milliseconds(1)) == "0.000000043")
        #expect(price.perHour(for: .zero) == .zero)
    }

    @Test func `divides with products beyond 64 bits, half away from zero`() {
        let big = Money(nanodollars: 9_000_000_000_000_000_000)
        #expect(big.times(3600, over: 3600) == big)
        #expect(Money(nanodollars: 5).times(1, over: 2) == Money(nanodollars: 3))
        #expect(Money(nanodollars: -5).times(1, over: 2) == Money(nanodollars: -3))
        #expect(Money(nanodollars: 4).times(1, over: 3) == Money(nanodollars: 1))
    }
}

@Suite struct `The price book` {
    private func price(_ type: String, _ zone: String) -> Money? {
        PriceBook.builtIn.onDemandPrice(of: Pool(instanceType: type, zone: zone))
    }

    @Test func `knows On-Demand prices of its Region, and no others`() {
        #expect(price("c5a.2xlarge", "us-east-1b") == Money(decimal: "0.308"))
        #expect(price("c5a.2xlarge", "eu-west-1b") == nil)
        #expect(price("c5a.2xlarge", "us-east-1-bos-1a") == nil)
        #expect(price("nothing.2xlarge", "us-east-1b") == nil)
        #expect(PriceBook.builtIn.onDemand.count == 1340)
    }
}

@Suite struct `Price steps` {
    private static let start = Timestamp.testStart

    private func step(_ seconds: Int, _ price: Int64) -> PriceStep {
        PriceStep(time: Self.start + .seconds(seconds), price: Money(nanodollars: price))
    }

    @Test func `hold until the next step, and the first one also before its start`() {
        let steps = [step(0, 1), step(60, 2)]
        #expect(steps.price(at: Self.start + .seconds(-5)) == Money(nanodollars: 1))
        #expect(steps.price(at: Self.start + .seconds(59)) == Money(nanodollars: 1))
        #expect(steps.price(at: Self.start + .seconds(60)) == Money(nanodollars: 2))
        #expect([PriceStep]().price(at: Self.start) == nil)
    }

    @Test func `keep new prices when the history is read again`() {
        let known = [step(0, 1)]
        #expect(known.merged(with: [step(0, 1), step(60, 2)]) == [step(0, 1), step(60, 2)])
        #expect(known.merged(with: [step(0, 1)]) == known)
        #expect(known.merged(with: [step(60, 1)]) == known)
    }
}
