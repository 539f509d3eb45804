import RelayCore
import Testing

@testable import RelayOutbox

@Suite("An outbox on a machine whose clock is wrong", .timeLimit(.minutes(1)))
struct WrongClockTests {
    private let place: TemporaryOutbox
    private let day = Duration.seconds(86_400)

    init() throws { place = try TemporaryOutbox(recentFacts: 3) }

    /// Accepts and publishes `fact` as of what the clock shows.
    private func publish(_ fact: Fact, _ outbox: SQLiteOutbox) async throws {
        #expect(try await outbox.append(fact).isAccepted)
        outbox.publish(try await outbox.pending(in: .named("argyle.users.fully-synced"), after: 0, limit: 10), at: place.time.now)
        _ = try await outbox.currentStatus()
    }

    private func slices(_ outbox: SQLiteOutbox, _ count: Int = 12, every pause: Duration = .seconds(1)) async throws {
        for _ in 0..<count {
            place.time.advance(pause)
            _ = try await outbox.currentStatus()
        }
    }

    private func sync(_ user: String) throws -> Fact { try SampleFact.sync(user, at: place.time.now) }

    @Test("400 days ahead for one start forgets nothing, on this start of the machine or on another", arguments: [false, true])
    func oneStart(isRebooted: Bool) async throws {
        let fact = try sync("user-1")
        try await place.withOutbox { outbox in try await publish(fact, outbox) }
        place.time.setWrong(by: day * 400)
        if isRebooted { place.time.reboot() }
        try await place.withOutbox { outbox in
            var notices = outbox.notices.makeAsyncIterator()
            guard case .clock(let jump) = await notices.next() else {
                Issue.record("not told")
                return
            }
            #expect(jump.kind == (isRebooted ? .sinceLastRun : .jumped) && jump.heldBack >= day * 399)
            try await slices(outbox)
            #expect(outbox.status.clock != nil)
        }
        place.time.setWrong(by: .zero)
        if isRebooted { place.time.reboot() }
        try await place.withOutbox { outbox in
            try await slices(outbox)
            #expect(try await outbox.append(fact) == .duplicate(fact.id))
            #expect(try await outbox.integer("SELECT count(*) FROM entries") == 1)
        }
    }

    @Test("ahead for a day while it runs forgets a day too much at most")
    func whileRunning() async throws {
        try await place.withOutbox { outbox in
            try await publish(try sync("user-1"), outbox)
            place.time.setWrong(by: day * 400)
            try await slices(outbox, 24, every: .seconds(3600))
            place.time.setWrong(by: .zero)
            try await slices(outbox, 5, every: day - .seconds(1))
            #expect(try await outbox.integer("SELECT count(*) FROM entries") == 1)
            try await slices(outbox, 2)
            try await slices(outbox, 1, every: day)
            #expect(try await outbox.integer("SELECT count(*) FROM entries") == 0)
        }
    }

    @Test("forgets rows from the future as soon as others, and rows from the past no sooner", arguments: [-4000, 4000])
    func wrongRows(error: Int) async throws {
        try await place.withOutbox { outbox in
            place.time.setWrong(by: day * error)
            _ = try await outbox.currentStatus()
            let fact = try sync("user-1")
            try await publish(fact, outbox)
            place.time.setWrong(by: .zero)
            try await slices(outbox, 6, every: day)
            #expect(try await outbox.integer("SELECT count(*) FROM entries") == 1)
            try await slices(outbox, 2, every: day)
            #expect(try await outbox.integer("SELECT count(*) FROM entries") == 0)
            try await slices(outbox, 1, every: day * 355)
            #expect(try await outbox.append(fact) == .duplicate(fact.id))
            try await slices(outbox, 3, every: day * 2)
            #expect(try await outbox.append(fact).isAccepted)
        }
    }

    @Test("set back stops neither pruning nor the look at the disk")
    func setBack() async throws {
        try await place.withOutbox { outbox in
            try await publish(try sync("user-1"), outbox)
            place.time.setWrong(by: .zero - day * 400)
            try await slices(outbox, 9, every: day)
            #expect(try await outbox.integer("SELECT count(*) FROM entries") == 0)
            #expect(outbox.status.freeDisk != nil)
        }
    }

    @Test("set back hides nothing from a replay, and set ahead brings nothing into it that is published later")
    func replay() async throws {
        try await place.withOutbox { outbox in
            place.time.setWrong(by: day)
            try await publish(try sync("user-1"), outbox)
            _ = try await outbox.append(try sync("user-2"))
            place.time.setWrong(by: .zero)
            place.time.advance(.seconds(1))
            let count = try await outbox.countReplay(OutboxFilter())
            let id = EventID(naming: [1])
            let replay = try await outbox.addReplay(id: id, of: OutboxFilter(), count: count, rate: 1, requestedBy: "test")
            place.time.setWrong(by: .zero - day)
            place.time.advance(.seconds(1))
            outbox.publish(try await outbox.pending(in: .named("argyle.users.fully-synced"), after: 0, limit: 10), at: place.time.now)
            _ = try await outbox.currentStatus()
            #expect(count.total == 1)
            #expect(try await outbox.entries(of: replay, after: nil, limit: 9).entries.map(\.sequence) == [1])
        }
    }

    @Test("goes on from where it stood after a crash")
    func crash() async throws {
        let outbox = try place.outbox()
        try await running(outbox) {
            try await publish(try sync("user-1"), outbox)
            try await slices(outbox, 8, every: .seconds(30))
            let record = try await outbox.integer("SELECT reading FROM ageing")
            #expect(record > SampleFact.start.milliseconds && record <= place.time.now.milliseconds)
        }
    }

    @Test("has a file of the first schema go on from its newest row, and forget by what its rows bear")
    func firstSchema() async throws {
        let fact = try sync("user-1")
        try await place.withOutbox { outbox in try await publish(fact, outbox) }
        try place.takeBack(to: 1)
        place.time.reboot()
        place.time.setWrong(by: day * 400)
        try await place.withOutbox { outbox in
            try await slices(outbox)
            #expect(try await outbox.integer("PRAGMA user_version") == Schema.newest)
            #expect(try await outbox.append(fact) == .duplicate(fact.id))
            #expect(try await outbox.check().isSound)
        }
        place.time.setWrong(by: .zero)
        try await place.withOutbox { outbox in
            try await slices(outbox, 9, every: day)
            #expect(try await outbox.integer("SELECT count(*) FROM entries") == 0)
        }
    }
}
