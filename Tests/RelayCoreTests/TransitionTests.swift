import RelayCore
import RelayTestSupport
import Testing

@Suite("A transition", .timeLimit(.minutes(5)))
struct TransitionTests {
    private func accounts(_ names: String...) -> ConnectedSet { ConnectedSet(accounts: names.compactMap(AccountID.init)) }
    private func items(_ names: String...) -> ConnectedSet { ConnectedSet(items: names) }

    private func expect(
        _ transition: Transition,
        _ change: Transition.Change,
        _ revision: Int64,
        added: [String] = [],
        removed: [String] = [],
        at location: SourceLocation = #_sourceLocation
    ) {
        #expect(transition.change == change, sourceLocation: location)
        #expect(transition.revision == revision, sourceLocation: location)
        #expect(transition.accountsAdded == added, sourceLocation: location)
        #expect(transition.accountsRemoved == removed, sourceLocation: location)
    }

    @Test("of an unknown user is initial, and adds all")
    func initial() { expect(Transition(from: nil, to: accounts("b", "a")), .initial, 1, added: ["a", "b"]) }

    @Test("to a superset is grown")
    func grown() { expect(Transition(from: (accounts("b"), 1), to: accounts("a", "b", "c")), .grown, 2, added: ["a", "c"]) }

    @Test("to a subset is shrunk, to nothing too")
    func shrunk() {
        expect(Transition(from: (accounts("a", "b", "c"), 7), to: accounts("b")), .shrunk, 8, removed: ["a", "c"])
        expect(Transition(from: (accounts("a"), 1), to: accounts()), .shrunk, 2, removed: ["a"])
    }

    @Test("from nothing is grown")
    func fromNothing() { expect(Transition(from: (accounts(), 1), to: accounts("a")), .grown, 2, added: ["a"]) }

    @Test("to a set that lost some and gained others is replaced")
    func replaced() {
        expect(Transition(from: (accounts("a", "b"), 1), to: accounts("b", "c")), .replaced, 2, added: ["c"], removed: ["a"])
    }

    @Test("between accounts and items is replaced, and tells of accounts only what is known")
    func kinds() {
        expect(Transition(from: (items("i"), 1), to: accounts("a")), .replaced, 2, added: ["a"])
        expect(Transition(from: (accounts("a"), 1), to: items("i")), .replaced, 2)
    }

    @Test("between sets of items tells of no accounts")
    func itemSets() {
        expect(Transition(from: nil, to: items("i")), .initial, 1)
        expect(Transition(from: (items("i"), 1), to: items("i", "j")), .grown, 2)
    }

    @Test("after the set was forgotten is initial, with the revision going on")
    func forgotten() { expect(Transition(from: (nil, 41), to: accounts("a")), .initial, 42, added: ["a"]) }
}

@Suite("A connected set", .timeLimit(.minutes(5)))
struct ConnectedSetTests {
    @Test("is sorted by bytes and holds nothing twice")
    func order() {
        #expect(ConnectedSet(items: ["b", "a", "B", "10", "9", "a"]).members == ["10", "9", "B", "a", "b"])
        #expect(ConnectedSet(accounts: ["B", "a", "b"].compactMap(AccountID.init)).members == ["a", "b"])
    }

    @Test("reads back what it joins, the empty set too")
    func roundTrip() {
        for set in [ConnectedSet(items: []), ConnectedSet(items: ["x"]), ConnectedSet(items: ["x", "y"])] {
            #expect(ConnectedSet(kind: set.kind, joined: set.joined) == set)
        }
    }

    @Test("subtracts as sets do")
    func subtraction() {
        var generator = SeededGenerator(state: 9)
        for _ in 0..<500 {
            let one = Set((0..<6).map { _ in String(Int.random(in: 0..<12, using: &generator)) })
            let other = Set((0..<6).map { _ in String(Int.random(in: 0..<12, using: &generator)) })
            #expect(ConnectedSet(items: one).subtracting(ConnectedSet(items: other)) == one.subtracting(other).sorted())
        }
    }
}
