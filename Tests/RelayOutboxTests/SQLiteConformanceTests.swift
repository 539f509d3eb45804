import RelayOutbox
import Testing

@Suite("SQLite as a store")
struct SQLiteConformanceTests {
    private let suite: OutboxConformance<TemporaryOutbox>

    init() throws { suite = OutboxConformance(subject: try TemporaryOutbox()) }

    @Test("accepts a new fact and has it pending") func new() async throws { try await suite.newIsAccepted() }
    @Test("answers the same fact as a duplicate with the first one's id") func same() async throws { try await suite.sameIsDuplicate() }
    @Test("yields one accepted of a hundred concurrent copies") func copies() async throws { try await suite.concurrentCopiesYieldOne() }
    @Test("counts a user's sets and says how they changed") func revisions() async throws { try await suite.revisionsCount() }
    @Test("hands over entries in the order of their revisions")
    func order() async throws { try await suite.concurrentRevisionsFollowTheOrderOfAcceptance() }
    @Test("stores what nobody can read once, and answers it the same") func quarantine() async throws { try await suite.quarantinedOnce() }
    @Test("finds what waits, by topic and in order") func pending() async throws { try await suite.pendingInOrder() }
    @Test("settles an entry once, and takes no notice of what comes late")
    func settlements() async throws { try await suite.settlementsTakeEffectOnce() }
    @Test("when full turns away new facts only, until there is room well clear of the limit")
    func full() async throws { try await suite.fullTurnsAwayNewFactsOnly() }
    @Test("never holds more than the limit, however many come at once")
    func burst() async throws { try await suite.aBurstNeverExceedsTheLimit() }
    @Test("keeps everything over a close") func reopen() async throws { try await suite.everythingOutlivesTheStore() }
    @Test("takes nothing once it is closed, and running it again does no harm") func closed() async throws {
        try await suite.closedTakesNothing()
    }
    @Test("when cancelled keeps exactly what it answered") func cancelled() async throws {
        try await suite.cancellationClosesAndAnswersAll()
    }
}
