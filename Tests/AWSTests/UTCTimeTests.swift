import Testing

@testable import AWS

@Suite struct `A UTC time` {
    @Test(
        arguments: [
            (0, "1970-01-01T00:00:00Z"), (951_782_400_000, "2000-02-29T00:00:00Z"),
            (1_440_938_160_000, "2015-08-30T12:36:00Z"),
            (4_107_542_399_000, "2100-02-28T23:59:59Z"),
            (-1000, "1969-12-31T23:59:59Z"),
        ] as [(Int64, String)])
    func `is written and read back`(_ milliseconds: Int64, _ text: String) {
        let time = UTCTime(millisecondsSinceEpoch: milliseconds)
        #expect(time.iso8601 == text)
        #expect(UTCTime(iso8601: text) == time)
    }

    @Test(arguments: [
        ("2015-08-30T12:36:00.5Z", 500), ("2015-08-30T12:36:00.123Z", 123),
        ("2015-08-30T12:36:00.123456Z", 123), ("2015-08-30T12:36:00.9999Z", 999),
    ])
    func `keeps the milliseconds that it reads`(_ text: String, _ milliseconds: Int64) {
        #expect(
            UTCTime(iso8601: text)?.millisecondsSinceEpoch == 1_440_938_160_000 + milliseconds)
    }

    @Test(arguments: [
        "", "2015-08-30", "2015-08-30 12:36:00Z", "2015-13-30T12:36:00Z", "2015-08-30T24:36:00Z",
        "2015-08-30T12:36:00", "2015-08-30T12:36:00.Z", "2015-08-30T12:36:00.1x2Z",
        "2015-08-30T12:36:00+02:00", "2015-02-31T12:36:00Z", "2015-08-30T12:36:00Z and moreZ",
        "2015-08-30T12:36:00.5Z and moreZ", "2015-8-30T12:36:00Z",
    ])
    func `refuses other texts`(_ text: String) {
        #expect(UTCTime(iso8601: text) == nil)
    }
}
