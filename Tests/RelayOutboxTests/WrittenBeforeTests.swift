import CSQLite
import RelayCore
import Testing

@testable import RelayOutbox

@Suite("When an outbox was written before", .timeLimit(.minutes(1)))
struct WrittenBeforeTests {
    private let place: TemporaryOutbox

    init() throws { place = try TemporaryOutbox() }

    @Test("is not known of a new one, is its close where that was orderly, and else the newest entry's receipt")
    func written() async throws {
        let fact = try SampleFact.sync()
        let first = try await place.withOutbox { outbox in
            _ = try await outbox.append(fact)
            place.time.advance(.seconds(600))
            return outbox.writtenBefore
        }
        #expect(first == nil)
        let closed = try await place.withOutbox { outbox in outbox.writtenBefore }
        #expect(closed == SampleFact.start.advanced(by: .seconds(600)))

        // As a relay leaves it that is killed before its clock is written down.
        var handle: OpaquePointer?
        try #require(sqlite3_open(place.path, &handle) == SQLITE_OK)
        try #require(sqlite3_exec(handle, "UPDATE ageing SET wall = 0", nil, nil, nil) == SQLITE_OK)
        sqlite3_close_v2(handle)
        let killed = try await place.withOutbox { outbox in outbox.writtenBefore }
        #expect(killed == SampleFact.start)
    }
}
