import CSQLite
import RelayCore
import Testing

@testable import RelayOutbox

/// `PRAGMA max_page_count` is SQLite's own disk-full: the same code comes back at the same places.
@Suite("A full disk", .timeLimit(.minutes(1)))
struct DiskFullTests {
    private let place: TemporaryOutbox

    init() throws { place = try TemporaryOutbox() }

    /// Appends until the disk is full; the facts that were accepted, and the one that was not.
    private func fill(_ outbox: SQLiteOutbox) async throws -> ([Fact], Fact) {
        var kept = [try SampleFact.sync("user-0", padding: 3000)]
        _ = try await outbox.append(kept[0])
        try await outbox.execute("PRAGMA max_page_count = 40")
        for number in 1..<200 {
            let fact = try SampleFact.sync("user-\(number)", padding: 3000)
            do throws(OutboxError) {
                _ = try await outbox.append(fact)
                kept.append(fact)
            } catch {
                guard case .failed(let cause) = error else { throw error }
                #expect(cause.code == SQLITE_FULL)
                return (kept, fact)
            }
        }
        throw OutboxError.full
    }

    @Test("refuses what is new, knows what is known, loses nothing, and is over without reopening")
    func appends() async throws {
        try await place.withOutbox { outbox in
            let (kept, refused) = try await fill(outbox)
            #expect(kept.count > 5)
            #expect(try await outbox.currentStatus().failure?.code == SQLITE_FULL)
            #expect(try await outbox.currentStatus().pending == kept.count)
            for fact in kept { #expect(try await outbox.append(fact) == .duplicate(fact.id)) }
            for _ in 0..<3 { await #expect(throws: OutboxError.self) { try await outbox.append(refused) } }

            try await outbox.execute("PRAGMA max_page_count = 4294967294")
            #expect(try await outbox.append(refused).isAccepted)
            #expect(try await outbox.currentStatus().failure == nil)
            let entries = try await outbox.pending(in: .named("argyle.users.fully-synced"), after: 0, limit: 1000)
            #expect(entries.map(\.id) == kept.map(\.id) + [refused.id])
            #expect(try await outbox.integer("SELECT count(*) FROM facts") == Int64(kept.count + 1))
        }
    }

    @Test("holds settlements back that came with it, and applies them once there is space")
    func settlements() async throws {
        try await place.withOutbox { outbox in
            let (kept, refused) = try await fill(outbox)
            let entries = try await outbox.pending(in: .named("argyle.users.fully-synced"), after: 0, limit: 1000)
            let settlements = entries.prefix(3).map {
                Settlement(topic: $0.topic, sequence: $0.sequence, at: SampleFact.start, outcome: .published(partition: 0, offset: 9))
            }
            // One batch of both: the transaction that fails takes the settlements with it.
            let answer = try await outbox.holdingWriter {
                let answer = Task { () throws(OutboxError) in try await outbox.append(refused) }
                while outbox.mailbox.waitingAppends < 1 {
                    try Task.checkCancellation()
                    await Task.yield()
                }
                outbox.settle(settlements)
                return answer
            }
            await #expect(throws: OutboxError.self) { try await answer.value }
            try await outbox.execute("PRAGMA max_page_count = 4294967294")
            // Nothing comes but the beat of an idle outbox.
            while try await outbox.currentStatus().pending != kept.count - 3 {
                try Task.checkCancellation()
                place.beats.beat()
            }
            #expect(try await outbox.integer("SELECT count(*) FROM outbox WHERE state = 'published'") == 3)
            #expect(try await outbox.append(refused).isAccepted)
        }
    }

    @Test("below min_free_disk turns new facts away, knows what is known, and takes settlements")
    func low() async throws {
        try await place.withOutbox { outbox in
            let known = try SampleFact.sync("known")
            _ = try await outbox.append(known)
            let limits = OutboxLimits(maxPending: 1000, minFreeDisk: .max, entryRetention: .seconds(1), factRetention: nil)
            try outbox.setLimits(limits)
            #expect(try await outbox.currentStatus().shedding == .diskLow)
            await #expect(throws: OutboxError.diskLow) { try await outbox.append(try SampleFact.sync("new")) }
            #expect(try await outbox.append(known) == .duplicate(known.id))
            outbox.publish(try await outbox.pending(in: .named("argyle.users.fully-synced"), after: 0, limit: 1))
            #expect(try await outbox.currentStatus().pending == 0)
            var more = limits
            more.minFreeDisk = 0
            try outbox.setLimits(more)
            #expect(try await outbox.currentStatus().shedding == nil)
            #expect(try await outbox.append(try SampleFact.sync("new")).isAccepted)
        }
    }
}
