import RelayOutbox
import Testing

/// Once with all facts in memory, once with each of them filed in the index by the transaction that comes next, and once with some here and some there.
@Suite("SQLite as a store", .timeLimit(.minutes(5)))
struct SQLiteConformanceTests {
    private static let capacities = [16_384, 1, 5]

    private func suite(_ recentFacts: Int) throws -> OutboxConformance<TemporaryOutbox> {
        OutboxConformance(subject: try TemporaryOutbox(recentFacts: recentFacts))
    }

    @Test("accepts a new fact and has it pending", arguments: capacities)
    func new(recentFacts: Int) async throws { try await suite(recentFacts).newIsAccepted() }
    @Test("answers the same fact as a duplicate with the first one's id", arguments: capacities)
    func same(recentFacts: Int) async throws { try await suite(recentFacts).sameIsDuplicate() }
    @Test("yields one accepted of a hundred concurrent copies", arguments: capacities)
    func copies(recentFacts: Int) async throws { try await suite(recentFacts).concurrentCopiesYieldOne() }
    @Test("counts a user's sets and says how they changed", arguments: capacities)
    func revisions(recentFacts: Int) async throws { try await suite(recentFacts).revisionsCount() }
    @Test("hands over entries in the order of their revisions", arguments: capacities)
    func order(recentFacts: Int) async throws { try await suite(recentFacts).concurrentRevisionsFollowTheOrderOfAcceptance() }
    @Test("takes bytes that come again after the window for news, once", arguments: capacities)
    func repeats(recentFacts: Int) async throws { try await suite(recentFacts).bytesThatComeAgainAreNewsAfterTheWindow() }
    @Test("publishes a known set that comes again, once and only with something new", arguments: capacities)
    func resent(recentFacts: Int) async throws { try await suite(recentFacts).knownSetsThatComeAgainAreFactsWherePublished() }
    @Test("stores what nobody can read once, and answers it the same", arguments: capacities)
    func quarantine(recentFacts: Int) async throws { try await suite(recentFacts).quarantinedOnce() }
    @Test("finds what waits, by topic and in order", arguments: capacities)
    func pending(recentFacts: Int) async throws { try await suite(recentFacts).pendingInOrder() }
    @Test("settles an entry once, and takes no notice of what comes late", arguments: capacities)
    func settlements(recentFacts: Int) async throws { try await suite(recentFacts).settlementsTakeEffectOnce() }
    @Test("when full turns away new facts only, until there is room well clear of the limit", arguments: capacities)
    func full(recentFacts: Int) async throws { try await suite(recentFacts).fullTurnsAwayNewFactsOnly() }
    @Test("never holds more than the limit, however many come at once", arguments: capacities)
    func burst(recentFacts: Int) async throws { try await suite(recentFacts).aBurstNeverExceedsTheLimit() }
    @Test("keeps everything over a close", arguments: capacities)
    func reopen(recentFacts: Int) async throws { try await suite(recentFacts).everythingOutlivesTheStore() }
    @Test("takes nothing once it is closed, and running it again does no harm", arguments: capacities)
    func closed(recentFacts: Int) async throws { try await suite(recentFacts).closedTakesNothing() }
    @Test("when cancelled keeps exactly what it answered", arguments: capacities)
    func cancelled(recentFacts: Int) async throws { try await suite(recentFacts).cancellationClosesAndAnswersAll() }
}
