import RelayCore
import Testing

@testable import ArgyleAPI

@Suite("The plan of a reconciliation", .timeLimit(.minutes(1)))
struct ReconcilePlanTests {
    private let now = Timestamp(milliseconds: 1_795_425_175_123)

    private func account(
        _ id: String,
        connection: String = "connected",
        isRetrieving: Bool = false,
        isNew: Bool = false
    ) throws -> ArgyleAccount {
        let changed = now.advanced(by: .seconds(isNew ? -60 : -86_400))
        return ArgyleAccount(
            id: try #require(AccountID(id)),
            user: try #require(UserID("u")),
            item: "item-\(id)",
            employers: ["E", id],
            scannedAt: changed,
            connection: connection,
            isRetrieving: isRetrieving,
            changedAt: changed
        )
    }

    private func plan(_ accounts: [ArgyleAccount], _ known: ReconcilePlan.Known) -> ReconcilePlan {
        ReconcilePlan(accounts: accounts, known: known, at: now)
    }

    private func last(_ accounts: String...) -> ReconcilePlan.Known { .last(ConnectedSet(accounts: accounts.compactMap(AccountID.init))) }

    private func missed(_ plan: ReconcilePlan) -> (accounts: [String], added: [String])? {
        if case .missed(let set) = plan { (set.accounts.members, set.added.members) } else { nil }
    }

    @Test("nothing is missed of a user whose candidates are all in the last set, whatever else there is")
    func complete() throws {
        #expect(plan([], .nothing) == .complete)
        #expect(plan([], .forgotten) == .complete)
        let accounts = [
            try account("a"), try account("b", connection: "connecting"), try account("c", isRetrieving: true),
            try account("d", isNew: true),
        ]
        #expect(plan(accounts, last("a")) == .complete)
        #expect(plan(accounts, last("a", "gone")) == .complete)
        #expect(plan(Array(accounts.dropFirst()), .nothing) == .complete)
        #expect(plan(Array(accounts.dropFirst()), .forgotten) == .complete)
    }

    @Test("the set is the candidates and what was reported before and is still there, whatever a refresh shows")
    func set() throws {
        let accounts = [
            try account("b"), try account("c", isRetrieving: true), try account("a", connection: "connecting", isRetrieving: true),
            try account("d", isNew: true), try account("e", isRetrieving: true),
        ]
        let found = missed(plan(accounts, last("a", "c", "gone")))
        #expect(found?.accounts == ["a", "b", "c"] && found?.added == ["b"])
        let first = missed(plan(accounts, .nothing))
        #expect(first?.accounts == ["b"] && first?.added == ["b"])
        guard case .missed(let set) = plan(accounts, last("a")) else {
            Issue.record("nothing was missed")
            return
        }
        #expect(set.items == ["item-b", "item-a"] && set.employers == ["E", "b", "a"])
    }

    @Test("of a set of items an account counts as reported by its item")
    func items() throws {
        let known = ReconcilePlan.Known.last(ConnectedSet(items: ["item-a", "item-b"]))
        #expect(plan([try account("a"), try account("b")], known) == .complete)
        let found = missed(plan([try account("a", isRetrieving: true), try account("c")], known))
        #expect(found?.accounts == ["a", "c"] && found?.added == ["c"])
    }

    @Test("of a set that is forgotten nobody can tell")
    func forgotten() throws { #expect(plan([try account("a")], .forgotten) == .forgotten) }
}
