import RelayCore
import RelayOutbox
import Synchronization
import Testing

@testable import RelayAdmin

@Suite("The admin API on what waits for a wrong topic", .timeLimit(.minutes(5)))
struct RerouteAPITests {
    private let right = "argyle.users.fully-synced"

    @Test("tells of it, counts it, and gives it the topic in force through the publisher")
    func reroute() async throws {
        try await TestAPI.with(stranded: ["u", "v"]) { test in
            let stranded = try await test.answer("GET", "status").json["stranded"] as? [[String: Any]]
            #expect(stranded?.count == 1 && stranded?.first?["topic"] as? String == "wrong" && stranded?.first?["waiting"] as? Int == 2)
            let plan = try await test.answer("POST", "reroutes", #"{"topic":"wrong","dry_run":true}"#)
            let moves = try #require(plan.json["moves"] as? [[String: Any]])
            #expect(plan.status == 200 && moves.first?["to"] as? String == right && moves.first?["waiting"] as? Int == 2)
            #expect(test.readmitted.rerouted.withLock { $0 }.isEmpty)
            let done = try await test.answer("POST", "reroutes", #"{"topic":"wrong"}"#)
            #expect(done.status == 200 && (done.json["moves"] as? [[String: Any]])?.first?["waiting"] as? Int == 2)
            #expect(test.readmitted.rerouted.withLock { $0 } == [["wrong", right]])
            #expect((try await test.answer("GET", "status").json["stranded"] as? [Any])?.isEmpty == true)
            // Nothing is left to do, and nobody is bothered with it.
            #expect((try await test.answer("POST", "reroutes", #"{"topic":"wrong"}"#).json["moves"] as? [Any])?.isEmpty == true)
            #expect(try await test.answer("POST", "reroutes", "{\"topic\":\"\(right)\"}").json["right"] as? Int == 2)
            #expect(test.readmitted.rerouted.withLock { $0 }.count == 1)
            for body in ["", "{}", #"{"topic":""}"#, #"{"topic":"a b"}"#, #"{"topic":"wrong","dryrun":true}"#, #"{"topic":7}"#] {
                #expect(try await test.answer("POST", "reroutes", body).status == 400, "\(body)")
            }
            #expect(try await test.answer("GET", "reroutes").status == 405)
        }
    }

    @Test("is behind the token like all else")
    func token() async throws {
        try await TestAPI.with(token: "right", stranded: ["u"]) { test in
            let answer = try await test.answer("POST", "reroutes", #"{"topic":"wrong"}"#, headers: [])
            #expect(answer.status == 401)
            #expect(test.readmitted.rerouted.withLock { $0 }.isEmpty)
        }
    }

    @Test("points to the reroute where a retry or a replay is of no use")
    func advice() async throws {
        try await TestAPI.with(stranded: ["u"]) { test in
            var filter = OutboxFilter()
            filter.user = UserID("u")
            let id = try #require(try await test.outbox.events(EventQuery(filter: filter)).events.first?.id)
            let retry = try await test.answer("POST", "events/\(id)/retry")
            #expect(retry.status == 409 && (retry.json["detail"] as? String)?.contains("outbox reroute --topic wrong") == true)
            let replay = try await test.answer("POST", "replays", #"{"state":"pending"}"#)
            #expect(replay.status == 400 && (replay.json["detail"] as? String)?.contains("outbox reroute") == true)
            let story = try #require(try await test.outbox.event(id)).story(now: Timestamp(milliseconds: 1_795_425_175_123))
            #expect(story.contains { $0.contains("outbox reroute --topic wrong") && $0.contains(right) }, "\(story)")
            _ = try await test.answer("POST", "reroutes", #"{"topic":"wrong"}"#)
            let after = try #require(try await test.outbox.event(id)).story(now: Timestamp(milliseconds: 1_795_425_175_123))
            #expect(after.contains { $0.contains("It was rerouted") && $0.contains("wrong") }, "\(after)")
            #expect(!after.contains { $0.contains("outbox reroute") })
        }
    }

    @Test("gives up what waits, unless it is on its way")
    func discard() async throws {
        try await TestAPI.with(stranded: ["u", "v"]) { test in
            var filter = OutboxFilter()
            filter.user = UserID("v")
            let id = try #require(try await test.outbox.events(EventQuery(filter: filter)).events.first?.id)
            test.readmitted.onItsWay.withLock { $0 = 2 }
            #expect(try await test.answer("POST", "events/\(id)/discard", #"{"reason":"r"}"#).status == 503)
            test.readmitted.onItsWay.withLock { $0 = nil }
            let answer = try await test.answer("POST", "events/\(id)/discard", #"{"reason":"r"}"#)
            #expect(answer.status == 200 && answer.json["state"] as? String == "discarded")
            let status = try await test.answer("GET", "status").json
            #expect(status["pending"] as? Int == 1 && status["discarded"] as? Int == 1 && status["published"] as? Int == 0)
            let story = try #require(try await test.outbox.event(id)).story(now: Timestamp(milliseconds: 1_795_425_175_123))
            #expect(story.contains { $0.contains("it waited for topic wrong and was never tried, and was given up") }, "\(story)")
        }
    }
}
