import RelayCore
import Testing

@testable import ArgyleRelay

@Suite("A moment on the command line", .timeLimit(.minutes(5)))
struct MomentTests {
    private let now = Timestamp(milliseconds: 1_700_000_000_000)

    @Test(
        "is RFC 3339 or how long ago",
        arguments: [
            ("2023-11-14T22:13:20Z", 1_700_000_000_000), ("2023-11-14t23:13:20.5+01:00", 1_700_000_000_500),
            ("2023-11-14 20:43:20.123456-01:30", 1_700_000_000_123), ("2024-02-29T00:00:00Z", 1_709_164_800_000),
            ("1970-01-01T00:00:00Z", 0), ("2016-12-31T23:59:60Z", 1_483_228_800_000),
            ("10m", 1_699_999_400_000), ("2h", 1_699_992_800_000), ("7d", 1_699_395_200_000), ("250ms", 1_699_999_999_750),
            ("0s", 1_700_000_000_000),
        ]
    )
    func reads(text: String, milliseconds: Int64) {
        #expect(Moment(argument: text)?.timestamp(now: now).milliseconds == milliseconds)
    }

    @Test(
        "is nothing else",
        arguments: [
            "", "10", "m", "-5m", "1.5h", "10 m", "yesterday", "2023-11-14", "2023-11-14T22:13:20", "2023-02-29T00:00:00Z",
            "2023-13-01T00:00:00Z",
            "2023-04-31T00:00:00Z", "2023-11-14T24:00:00Z", "2023-11-14T22:13:20+25:00", "99999999999999999999s", "١٠m",
        ]
    )
    func refuses(text: String) { #expect(Moment(argument: text) == nil) }
}
