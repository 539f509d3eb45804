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

    @Test("tells of a set that came again: what it would have been, what it was published as, and which one is the last")
    func resent() async throws {
        try await TestAPI.with { test in
            let first = try await test.append("u")
            _ = try await test.append("u", externalID: "x", after: .seconds(601))
            func story(_ id: EventID) async throws -> String {
                try #require(try await test.outbox.event(id)).story(now: TestAPI.start.advanced(by: .seconds(7200))).joined(separator: "\n")
            }
            let suppressed = try await story(first)
            #expect(suppressed.contains("One of the copies came later than dedup.window after the one before"))
            #expect(suppressed.contains("2026-11-23T09:22:56.123Z (1 h ago), with another external_id"))
            try test.outbox.setLimits(TestAPI.limits(resent: .publish))
            _ = try await test.outbox.topicsPending()
            let second = try await test.append("u", externalID: "y", after: .seconds(1202))
            let published = try await story(second)
            #expect(published.contains("It was the user's fact number 2, the same set as before, with another external_id"))
            #expect(published.contains("it is number 2 of its name (the one before is \(first))"))
            #expect(try await story(first).contains("the last is number 2, \(second), and copies are now copies of that one."))
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
