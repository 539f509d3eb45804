import RelayCore
import RelayOutbox
import Testing

@testable import RelayAdmin

@Suite("An event's story", .timeLimit(.minutes(5)))
struct StoryTests {
    @Test("tells of a duplicate, of a dead letter and of one that is given up")
    func stories() async throws {
        try await TestAPI.with { test in
            let id = try await test.append("u")
            _ = try await test.append("u")
            let now = Timestamp(milliseconds: 1_795_425_175_123).advanced(by: .seconds(7200))
            func story() async throws -> String {
                try #require(try await test.outbox.event(id)).story(now: now).joined(separator: "\n")
            }
            let waiting = try await story()
            #expect(waiting.contains("was first delivered 2026-11-23T09:12:55.123Z (2 h ago), not signed"))
            #expect(waiting.contains("One copy came later and was suppressed") && waiting.contains("added a"))
            #expect(waiting.contains("not in Kafka yet"))
            try await test.kill(1)
            let dead = try await story()
            #expect(dead.contains("It is dead") && dead.contains("c: d") && dead.contains("outbox retry \(id)"))
            _ = try await test.outbox.discard(id, reason: "a test user").get()
            #expect(try await story().contains("given up 2026-11-23T09:12:55.123Z (2 h ago): a test user"))
        }
    }

    @Test(
        "gives ages in one unit",
        arguments: [(5, "5 s ago"), (150, "2 min ago"), (7300, "2 h ago"), (200_000, "2 d ago"), (-5, "in 5 s")]
    )
    func ages(seconds: Int, text: String) {
        let moment = Timestamp(milliseconds: 0)
        #expect(moment.ago(moment.advanced(by: .seconds(seconds))) == text)
    }

    @Test("has rates over the last minute and the last five")
    func rates() {
        let meter = RateMeter()
        #expect(meter.rates.accepted1m == 0)
        for second in 0...400 { meter.sample(accepted: second < 340 ? 0 : (second - 340) * 10, published: second, at: .seconds(second)) }
        let rates = meter.rates
        #expect(rates.accepted1m == 10 && rates.accepted5m == 2 && rates.published1m == 1 && rates.published5m == 1)
    }
}
