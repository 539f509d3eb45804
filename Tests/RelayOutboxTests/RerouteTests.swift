import RelayCore
import Testing

@testable import RelayOutbox

@Suite("Rerouting", .timeLimit(.minutes(5)))
struct RerouteTests {
    private let place: TemporaryOutbox
    private let right = "argyle.users.fully-synced"

    init() throws { place = try TemporaryOutbox() }

    /// An outbox with facts 1 to `count`, of which every topic was wrong, opened with the right one.
    private func withStranded(_ count: Int, _ body: (SQLiteOutbox) async throws -> Void) async throws {
        try await place.withOutbox(topic: "wrong") { outbox in
            for number in 1...count { _ = try await outbox.append(try SampleFact.sync("user-\(number)")) }
            _ = try await outbox.append(try SampleFact.unreadable())
            let settled = { (sequence: Int64, outcome: Settlement.Outcome) in
                outbox.settle([Settlement(topic: try .named("wrong"), sequence: sequence, at: SampleFact.start, outcome: outcome)])
            }
            try settled(1, .published(partition: 0, offset: 7))
            try settled(2, .dead(code: "c", detail: "d"))
            try settled(3, .failed(code: "unknown_topic", detail: "d"))
            _ = try await outbox.currentStatus()
        }
        try await place.withOutbox { outbox in
            try await body(outbox)
            #expect(try await outbox.check().isSound)
        }
    }

    private func waiting(_ outbox: SQLiteOutbox, _ topic: String) async throws -> [Int64] {
        try await outbox.pending(in: .named(topic), after: 0, limit: 1000).map(\.sequence)
    }

    @Test("gives what waits, and what is dead, the topic in force, in order; what is published keeps its own")
    func moves() async throws {
        try await withStranded(6) { outbox in
            _ = try await outbox.append(try SampleFact.sync("user-8"))
            let plan = try await outbox.planReroute(from: .named("wrong"))
            #expect(plan.moves == [RerouteReport.Move(to: right, waiting: 4, dead: 1)] && plan.right == 0)
            #expect(try await waiting(outbox, "wrong") == [3, 4, 5, 6])
            #expect(try await outbox.reroute(from: .named("wrong")) == plan)
            #expect(try await waiting(outbox, right) == [3, 4, 5, 6, 8])
            #expect(try await waiting(outbox, "argyle.dead-letter") == [7])
            #expect(try await outbox.topicsPending().map(\.text) == ["argyle.dead-letter", right])
            #expect(try await outbox.event(try SampleFact.sync("user-1").id)?.topic == "wrong")
            let tried = try #require(try await outbox.event(try SampleFact.sync("user-3").id))
            #expect(tried.topic == right && tried.topicInForce == nil && tried.attempts == 1)
            #expect(tried.rerouted?.map(\.from) == ["wrong"])
            // The dead one goes to the right place when it is tried again.
            #expect(try await outbox.retry(try SampleFact.sync("user-2").id).get().topic.text == right)
            #expect(try await waiting(outbox, right) == [2, 3, 4, 5, 6, 8])
            #expect(try await outbox.reroute(from: .named("wrong")).isEmpty)
            let status = try await outbox.currentStatus()
            #expect(status.pending == 7 && status.dead == 0 && status.published == 1)
        }
    }

    @Test("leaves alone what is right, and says so")
    func right() async throws {
        try await place.withOutbox { outbox in
            _ = try await outbox.append(try SampleFact.sync("user-1"))
            _ = try await outbox.append(try SampleFact.account("user-1", count: 1))
            let report = try await outbox.reroute(from: .named(right))
            #expect(report.isEmpty && report.right == 1)
            #expect(try await outbox.reroute(from: .named("nothing")).right == 0)
            #expect(try await waiting(outbox, right) == [1])
        }
    }

    @Test("goes on where it was cut off, and takes slices that hold no append up")
    func slices() async throws {
        try await withStranded(700) { outbox in
            let wrong = try TopicName.named("wrong")
            let first = try await outbox.visit { writer throws(SQLiteError) in
                try writer.rerouteWaiting(from: wrong, after: 0, onlyCounting: false)
            }
            #expect(first.moved.values.reduce(0, +) == OutboxWriter.rerouteRows && first.next != nil)
            let moved = try await waiting(outbox, right).count
            #expect(moved == OutboxWriter.rerouteRows)
        }
        try await place.withOutbox { outbox in
            let report = try await outbox.reroute(from: .named("wrong"))
            #expect(report.waiting == 698 - OutboxWriter.rerouteRows && report.dead == 1)
            #expect(try await waiting(outbox, right) == Array(3...700))
        }
    }

    @Test("names topics that nothing is routed to any more, to whoever asks and in each event's record")
    func stranded() async throws {
        try await withStranded(5) { outbox in
            #expect(
                try await outbox.strandedTopics() == [StrandedTopic(topic: "wrong", waiting: 3, isMore: false, to: right)]
            )
            #expect(try await outbox.event(try SampleFact.sync("user-4").id)?.topicInForce == right)
            #expect(try await outbox.event(try SampleFact.sync("user-2").id)?.topicInForce == right)
            #expect(try await outbox.event(try SampleFact.sync("user-1").id)?.topicInForce == nil)
            _ = try await outbox.reroute(from: .named("wrong"))
            #expect(try await outbox.strandedTopics().isEmpty)
        }
        let routing = try #require(TopicRouting(template: "other.{event}", deadLetters: "argyle.dead-letter"))
        #expect(
            OutboxGlance.strandedTopics(path: place.path, inForce: routing)
                == [StrandedTopic(topic: right, waiting: 3, isMore: false, to: "other.users.fully-synced")]
        )
    }

    @Test("waits until all that Kafka has acknowledged is written down")
    func unwritten() async throws {
        try await withStranded(4) { outbox in
            try await outbox.execute("PRAGMA query_only = 1")
            outbox.settle([
                Settlement(topic: try .named("wrong"), sequence: 3, at: SampleFact.start, outcome: .published(partition: 0, offset: 8))
            ])
            _ = try await outbox.currentStatus()
            await #expect(throws: OutboxError.self) { try await outbox.reroute(from: .named("wrong")) }
            await #expect(throws: OutboxError.self) {
                try await outbox.discard(try SampleFact.sync("user-3").id, reason: "r", evenIfWaiting: true)
            }
            // Read again, it would be published again.
            await #expect(throws: OutboxError.self) { try await outbox.pending(in: .named("wrong"), after: 0, limit: 9) }
            #expect(try await outbox.pending(in: .named("wrong"), after: 3, limit: 9).map(\.sequence) == [4])
            try await outbox.execute("PRAGMA query_only = 0")
            _ = try await outbox.currentStatus()
            #expect(try await outbox.reroute(from: .named("wrong")).waiting == 1)
        }
    }

    @Test("reads what waits in pieces that fit into memory")
    func pieces() async throws {
        try await place.withOutbox { outbox in
            for number in 0..<20 { _ = try await outbox.append(try SampleFact.sync("user-\(number)", padding: 1 << 20)) }
            let read = try await outbox.pending(in: .named(right), after: 0, limit: 100)
            #expect(read.count == 16 && PendingRead.isCut(read, limit: 100))
            let rest = try await outbox.pending(in: .named(right), after: 16, limit: 100)
            #expect(rest.map(\.sequence) == [17, 18, 19, 20] && !PendingRead.isCut(rest, limit: 100))
        }
    }
}
