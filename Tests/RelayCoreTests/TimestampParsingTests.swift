import Testing

@testable import RelayCore

@Suite("A moment's text", .timeLimit(.minutes(5)))
struct TimestampParsingTests {
    @Test(
        "is read as RFC 3339 has it",
        arguments: [
            ("1970-01-01T00:00:00Z", 0), ("1970-01-01", 0), ("2026-11-23T09:12:55.123Z", 1_795_425_175_123),
            ("2026-11-23T10:12:55.1239+01:00", 1_795_425_175_123), ("2026-11-23 04:12:55.123-05:00", 1_795_425_175_123),
            ("2024-02-29T00:00:00Z", 1_709_164_800_000), ("1969-12-31T23:59:59Z", -1000), ("2000-03-01", 951_868_800_000),
        ] as [(String, Int64)]
    )
    func read(text: String, milliseconds: Int64) {
        #expect(Timestamp(text)?.milliseconds == milliseconds)
    }

    @Test(
        "is refused when it is anything else",
        arguments: [
            "", "2026", "2026-13-01", "2025-02-29", "2026-11-23T", "2026-11-23T09:12Z", "2026-11-23T09:12:55", "2026-11-23T24:00:00Z",
            "2026-11-23T09:12:55.Z", "2026-11-23T09:12:55Zx", "2026-11-23T09:12:55+0100", "٢٠٢٦-11-23",
        ]
    )
    func refused(text: String) { #expect(Timestamp(text) == nil) }

    @Test("is what a moment writes, read back")
    func roundTrip() {
        for day in stride(from: -800_000 as Int64, to: 80_000, by: 997) where day > -719_000 {
            let moment = Timestamp(milliseconds: day * 86_400_000 + 12_345_678)
            #expect(Timestamp(moment.description) == moment)
        }
    }
}
