import RelayCore
import Testing

@testable import RelayOutbox

@Suite("A question to the outbox", .timeLimit(.minutes(5)))
struct QueryTests {
    private let place: TemporaryOutbox
    private let topic = "argyle.users.fully-synced"

    init() throws { place = try TemporaryOutbox() }

    @Test("brings pages in both orders that meet without a gap or a repeat")
    func pages() async throws {
        try await place.withOutbox { outbox in
            for number in 0..<23 { _ = try await outbox.append(try SampleFact.sync("user-\(number)")) }
            for newestFirst in [true, false] {
                var seen: [Int64] = []
                var query = EventQuery(limit: 5, newestFirst: newestFirst)
                repeat {
                    let page = try await outbox.events(query)
                    #expect(page.events.count <= 5)
                    seen += page.events.map(\.sequence)
                    query.cursor = page.next.flatMap(EventCursor.init)
                } while query.cursor != nil
                #expect(seen == (newestFirst ? Array((1...23).reversed()) : Array(1...23)))
            }
        }
    }

    @Test("goes on over more rows than one visit looks at")
    func slices() async throws {
        try await place.withOutbox({ $0.maxPending = 10_000 }) { outbox in
            _ = try await outbox.append(try SampleFact.sync("wanted", ["x"]))
            for number in 0..<OutboxWriter.scanRows + 10 { _ = try await outbox.append(try SampleFact.account("user", count: number)) }
            var filter = OutboxFilter()
            filter.event = .usersFullySynced
            let page = try await outbox.events(EventQuery(filter: filter))
            #expect(page.events.map(\.user) == ["wanted"] && page.next == nil)
        }
    }

    @Test("filters by time, user, event, account, state and id")
    func filters() async throws {
        try await place.withOutbox { outbox in
            let start = SampleFact.start
            let first = try SampleFact.sync("user-1", ["a", "b"], at: start)
            _ = try await outbox.append(first)
            _ = try await outbox.append(try SampleFact.sync("user-2", ["b"], at: start.advanced(by: .seconds(10))))
            _ = try await outbox.append(try SampleFact.account("user-1", count: 3, at: start.advanced(by: .seconds(20))))
            _ = try await outbox.append(try SampleFact.unreadable(1, at: start.advanced(by: .seconds(30))))
            outbox.publish(try await outbox.pending(in: .named(topic), after: 0, limit: 1))
            func found(_ change: (inout OutboxFilter) -> Void) async throws -> [Int64] {
                var filter = OutboxFilter()
                change(&filter)
                let newest = try await outbox.events(EventQuery(filter: filter)).events.map(\.sequence)
                let oldest = try await outbox.events(EventQuery(filter: filter, newestFirst: false)).events.map(\.sequence)
                #expect(newest.reversed() == oldest)
                return oldest
            }
            #expect(try await found { $0.since = start.advanced(by: .seconds(10)) } == [2, 3, 4])
            #expect(try await found { $0.until = start.advanced(by: .seconds(10)) } == [1])
            #expect(try await found { $0.user = UserID("user-1") } == [1, 3])
            #expect(try await found { $0.event = .usersFullySynced } == [1, 2])
            #expect(try await found { $0.account = AccountID("b") } == [1, 2])
            #expect(try await found { $0.account = AccountID("a") } == [1, 3])
            #expect(try await found { $0.account = AccountID("z") } == [])
            #expect(try await found { $0.state = .published } == [1])
            #expect(try await found { $0.state = .pending } == [2, 3, 4])
            #expect(try await found { $0.id = first.id } == [1])
            #expect(
                try await found {
                    $0.id = first.id
                    $0.state = .pending
                } == []
            )
        }
    }

    @Test("tells of an event what came, what was decided and where it is")
    func whole() async throws {
        try await place.withOutbox { outbox in
            _ = try await outbox.append(try SampleFact.sync("user-1", ["a", "b"]))
            let fact = try SampleFact.sync("user-1", ["b", "c"])
            _ = try await outbox.append(fact)
            _ = try await outbox.append(try SampleFact.sync("user-1", ["c", "b"], at: SampleFact.start.advanced(by: .seconds(5))))
            outbox.settle([
                try Settlement(sequence: 2, at: SampleFact.start, outcome: .failed(code: "timed_out", detail: "no answer")),
                try Settlement(sequence: 2, at: SampleFact.start, outcome: .published(partition: 4, offset: 99)),
            ])
            let record = try #require(try await outbox.event(fact.id, includesData: true))
            #expect(record.state == .published && record.partition == 4 && record.offset == 99 && record.attempts == 2)
            #expect(record.change == "replaced" && record.revision == 2)
            #expect(record.accounts == ["b", "c"] && record.accountsAdded == ["c"] && record.accountsRemoved == ["a"])
            #expect(record.duplicates == 1)
            #expect(record.suppressed == [EventRecord.Copy(received: SampleFact.start.advanced(by: .seconds(5)))])
            #expect(record.failures == [EventRecord.Failure(at: SampleFact.start, code: "timed_out", detail: "no answer")])
            #expect(record.data?.contains(#""accounts_connected":["b","c"]"#) == true)
            #expect(record.topic == topic)
        }
    }

    @Test("still knows a fact whose entry was pruned, along its user and by its id")
    func pruned() async throws {
        try await place.withOutbox { outbox in
            let fact = try SampleFact.sync("user-1", ["a"])
            _ = try await outbox.append(fact)
            outbox.publish(try await outbox.pending(in: .named(topic), after: 0, limit: 1))
            // Recorded before the time goes on.
            _ = try await outbox.currentStatus()
            place.time.advance(.seconds(8 * 86_400))
            while try await outbox.event(fact.id)?.state != .pruned {
                try Task.checkCancellation()
                place.time.advance(.seconds(1))
            }
            _ = try await outbox.append(try SampleFact.sync("user-1", ["a", "b"], at: place.time.now))
            var filter = OutboxFilter()
            filter.user = UserID("user-1")
            #expect(try await outbox.events(EventQuery(filter: filter)).events.map(\.state) == [.pending, .pruned])
            #expect(try await outbox.event(fact.id)?.state == .pruned)
            #expect(try await outbox.event(fact.id)?.topic == nil)
            #expect(try await outbox.events(EventQuery()).events.map(\.sequence) == [2])
        }
    }

    @Test("counts what was ever accepted, published and given up")
    func totals() async throws {
        try await place.withOutbox { outbox in
            for number in 0..<5 { _ = try await outbox.append(try SampleFact.sync("user-\(number)")) }
            outbox.publish(try await outbox.pending(in: .named(topic), after: 0, limit: 3))
            _ = try await outbox.currentStatus()
            place.time.advance(.seconds(8 * 86_400))
            while try await outbox.integer("SELECT count(*) FROM entries") > 2 {
                try Task.checkCancellation()
                place.time.advance(.seconds(1))
            }
            #expect(try await outbox.integer("SELECT count(*) FROM entries") == 2)
        }
        try await place.withOutbox { outbox in
            let status = try await outbox.currentStatus()
            #expect(status.accepted == 5 && status.published == 3 && status.pending == 2)
        }
    }

    @Test("takes only cursors that it has given")
    func cursors() {
        for cursor in [EventCursor.below(7), .above(0)] { #expect(EventCursor(cursor.description) == cursor) }
        for text in ["", "b", "b-1", "x7", "u7", "b٧", "99"] { #expect(EventCursor(text) == nil, "\(text)") }
    }
}
