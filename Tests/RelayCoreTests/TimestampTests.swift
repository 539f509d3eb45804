import RelayCore
import Testing

@Suite("A timestamp", .timeLimit(.minutes(5)))
struct TimestampTests {
    @Test(
        "is written as RFC 3339 in UTC with milliseconds",
        arguments: [
            (0, "1970-01-01T00:00:00.000Z"), (951_868_799_999, "2000-02-29T23:59:59.999Z"),
            (-2_203_891_200_001, "1900-02-28T23:59:59.999Z"),
            (-2_203_891_200_000, "1900-03-01T00:00:00.000Z"), (4_107_542_399_999, "2100-02-28T23:59:59.999Z"),
            (4_107_542_400_000, "2100-03-01T00:00:00.000Z"), (1_735_689_599_999, "2024-12-31T23:59:59.999Z"),
            (1_735_689_600_000, "2025-01-01T00:00:00.000Z"), (-1, "1969-12-31T23:59:59.999Z"),
            (1_795_425_175_123, "2026-11-23T09:12:55.123Z"),
            (-62_135_596_800_000, "0001-01-01T00:00:00.000Z"), (253_402_300_799_999, "9999-12-31T23:59:59.999Z"),
        ] as [(Int64, String)]
    )
    func rfc3339(milliseconds: Int64, text: String) { #expect(Timestamp(milliseconds: milliseconds).description == text) }

    @Test("at the ends of its range traps nowhere")
    func extremes() {
        let least = Timestamp(milliseconds: .min)
        let most = Timestamp(milliseconds: .max)
        #expect(least.rfc3339.count == 24 && most.rfc3339.count == 24)
        #expect(most.elapsed(since: least) == .milliseconds(Int64.max))
        #expect(least.elapsed(since: most) == .zero)
        #expect(most.advanced(by: .seconds(1)) < most)
    }

    @Test("goes forth and back by durations, and never counts negative time")
    func arithmetic() {
        let moment = Timestamp(milliseconds: 1000)
        #expect(moment.advanced(by: .milliseconds(1500)).milliseconds == 2500)
        #expect(moment.advanced(by: .zero - .milliseconds(1500)).milliseconds == -500)
        #expect(moment.elapsed(since: Timestamp(milliseconds: 400)) == .milliseconds(600))
        #expect(Timestamp(milliseconds: 400).elapsed(since: moment) == .zero)
    }
}
