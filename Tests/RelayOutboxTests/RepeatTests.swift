import RelayCore
import RelayTestSupport
import Testing

@testable import RelayOutbox

@Suite("An event without an identity of its own", .timeLimit(.minutes(2)))
struct RepeatTests {
    private let place: TemporaryOutbox
    private static let body = #"{"event":"identities.updated","name":"n","data":{"account":"a","user":"u","identity":"i"}}"#
    /// Its name, by the rule that anyone can follow.
    private static let name = "identities.updated|sha256:" + Hexadecimal.encode(Digest.sha256(Array(body.utf8)))

    init() throws { place = try TemporaryOutbox(recentFacts: 3) }

    private func fact() throws -> Fact { try SampleFact.reading(Self.body, at: place.time.now) }
    private func id(again number: Int) -> EventID {
        EventID(naming: Array((number == 1 ? Self.name : Self.name + "|again:\(number)").utf8))
    }

    /// Lets time pass, and the outbox notice it.
    private func wait(_ duration: Duration, _ outbox: SQLiteOutbox) async throws {
        place.time.advance(duration)
        _ = try await outbox.currentStatus()
    }

    @Test("is a retry within the window and news after it, each under an id that anyone can recompute")
    func window() async throws {
        try await place.withOutbox { outbox in
            #expect(try await outbox.append(try fact()) == .accepted(id(again: 1), nil))
            try await wait(.seconds(30), outbox)
            #expect(try await outbox.append(try fact()) == .duplicate(id(again: 1)))
            try await wait(.seconds(571), outbox)
            #expect(try await outbox.append(try fact()) == .accepted(id(again: 2), nil))
            try await wait(.seconds(30), outbox)
            #expect(try await outbox.append(try fact()) == .duplicate(id(again: 2)))
            try await wait(.seconds(601), outbox)
            #expect(try await outbox.append(try fact()) == .accepted(id(again: 3), nil))
            #expect(try await outbox.integer("SELECT count(*) FROM entries") == 3)
            #expect(try await outbox.integer("SELECT count(*) FROM repeats") == 1)
        }
    }

    @Test("that comes again and again is heard once a window: copies do not put it off")
    func stream() async throws {
        try await place.withOutbox { outbox in
            var accepted = 0
            for _ in 0..<20 {
                if try await outbox.append(try fact()).isAccepted { accepted += 1 }
                try await wait(.seconds(300), outbox)
            }
            // At 0, 900, 1800, … seconds: 600 s after the last one is within the window still.
            #expect(accepted == 7)
        }
    }

    @Test("is known over restarts, of the relay and of the machine, from memory and from the index alike", arguments: [0, 10])
    func restarts(others: Int) async throws {
        let first = try await place.withOutbox { try await $0.append(try fact()) }
        #expect(first.isAccepted)
        try await place.withOutbox { outbox in
            // More than memory holds.
            for number in 0..<others { _ = try await outbox.append(try SampleFact.sync("other-\(number)")) }
            #expect(try await outbox.append(try fact()) == .duplicate(id(again: 1)))
        }
        place.time.advance(.seconds(601))
        let receipt1 = try await place.withOutbox { try await $0.append(try fact()) }
        #expect(receipt1 == .accepted(id(again: 2), nil))
        place.time.reboot()
        let receipt2 = try await place.withOutbox { try await $0.append(try fact()) }
        #expect(receipt2 == .duplicate(id(again: 2)))
        // How long it was off nobody knows; that its clock says it was long is enough.
        place.time.advance(.seconds(3600))
        place.time.reboot()
        let receipt3 = try await place.withOutbox { try await $0.append(try fact()) }
        #expect(receipt3 == .accepted(id(again: 3), nil))
    }

    @Test("a hundred copies at once after the window are one")
    func concurrent() async throws {
        try await place.withOutbox { outbox in
            _ = try await outbox.append(try fact())
            try await wait(.seconds(601), outbox)
            let copies = try (0..<100).map { _ in try fact() }
            let receipts = try await withThrowingTaskGroup(of: Receipt.self) { group in
                for copy in copies { group.addTask { try await outbox.append(copy) } }
                return try await group.reduce(into: []) { $0.append($1) }
            }
            #expect(receipts.filter(\.isAccepted).count == 1)
            #expect(receipts.allSatisfy { $0 == .accepted(id(again: 2), nil) || $0 == .duplicate(id(again: 2)) })
        }
    }

    @Test("a clock set back makes no news of a retry, and none of news a retry for longer than the window")
    func clockSetBack() async throws {
        try await place.withOutbox { outbox in
            _ = try await outbox.append(try fact())
            place.time.setWrong(by: .seconds(-86_400))
            try await wait(.seconds(60), outbox)
            #expect(try await outbox.append(try fact()) == .duplicate(id(again: 1)))
            try await wait(.seconds(601), outbox)
            #expect(try await outbox.append(try fact()) == .accepted(id(again: 2), nil))
        }
    }

    @Test("goes on counting while one of its facts is remembered, and anew once none is")
    func forgotten() async throws {
        let outbox = try place.outbox {
            $0.entryRetention = .zero
            $0.factRetention = .seconds(1000)
        }
        try await running(outbox) {
            func publishAll() async throws {
                outbox.publish(try await outbox.pending(in: .named("argyle.identities.updated"), after: 0, limit: 10), at: place.time.now)
                _ = try await outbox.currentStatus()
            }
            func slices() async throws { for _ in 0..<8 { try await wait(.milliseconds(200), outbox) } }
            _ = try await outbox.append(try fact())
            try await publishAll()
            try await wait(.seconds(700), outbox)
            #expect(try await outbox.append(try fact()) == .accepted(id(again: 2), nil))
            try await publishAll()
            try await wait(.seconds(650), outbox)
            try await slices()
            #expect(try await outbox.integer("SELECT count(*) FROM facts") == 1)
            #expect(try await outbox.append(try fact()) == .accepted(id(again: 3), nil))
            try await publishAll()
            try await wait(.seconds(1100), outbox)
            try await slices()
            #expect(try await outbox.integer("SELECT count(*) FROM repeats") == 0)
            #expect(try await outbox.append(try fact()) == .accepted(id(again: 1), nil))
        }
    }

    @Test("no other fact comes again, whatever the window")
    func others() async throws {
        try await place.withOutbox { outbox in
            let facts = [try SampleFact.sync(), try SampleFact.account(count: 1), try SampleFact.unreadable()]
            for fact in facts { _ = try await outbox.append(fact) }
            try await wait(.seconds(100_000), outbox)
            for fact in facts { #expect(try await outbox.append(fact).isAccepted == false) }
            #expect(try await outbox.integer("SELECT count(*) FROM entries") == 3)
        }
    }
}
