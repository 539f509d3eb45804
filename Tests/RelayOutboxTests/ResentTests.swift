import RelayCore
import RelayMetrics
import Testing

@testable import RelayOutbox

@Suite("A known set that comes again", .timeLimit(.minutes(2)))
struct ResentTests {
    private let place: TemporaryOutbox

    init() throws { place = try TemporaryOutbox(recentFacts: 3) }

    private func fact(_ accounts: [String], _ externalID: String? = nil) throws -> Fact {
        try SampleFact.sync("user-1", accounts, externalID: externalID, at: place.time.now)
    }

    /// Lets time pass, and the outbox notice it.
    private func wait(_ duration: Duration, _ outbox: SQLiteOutbox) async throws {
        place.time.advance(duration)
        _ = try await outbox.currentStatus()
    }

    private func counted(_ outbox: SQLiteOutbox) async -> Int { await outbox.writer.meters.resent.value }

    @Test("is suppressed, counted, and told, with the number that came and the last twenty of them")
    func suppressed() async throws {
        let id = try fact(["a"]).id
        try await place.withOutbox { outbox in
            _ = try await outbox.append(try fact(["a"]))
            _ = try await outbox.append(try fact(["a", "b"]))
            for round in 1...25 {
                try await wait(.seconds(601), outbox)
                #expect(try await outbox.append(try fact(["a"])) == .duplicate(id))
                // Within the window after that copy, and the current set with nothing new, count for nothing.
                #expect(try await outbox.append(try fact(["a"])) == .duplicate(id))
                #expect(try await outbox.append(try fact(["a", "b"])) == .duplicate(try fact(["a", "b"]).id))
                #expect(await counted(outbox) == round)
            }
            let record = try #require(try await outbox.event(id))
            #expect(record.duplicates == 50 && record.again == nil)
            #expect(record.resent?.map(\.number) == Array(6...25))
            #expect(record.resent?.allSatisfy { $0.change == "shrunk" } == true)
            #expect(try await outbox.event(try fact(["a", "b"]).id)?.resent == [])
            #expect(try await outbox.check().isSound)
        }
    }

    @Test("is told even when its entry is pruned, and by the setting that was in force")
    func pruned() async throws {
        try await place.withOutbox { outbox in
            _ = try await outbox.append(try fact(["a"]))
            outbox.publish(try await outbox.pending(in: .named("argyle.users.fully-synced"), after: 0, limit: 5), at: place.time.now)
            _ = try await outbox.currentStatus()
            try await wait(.seconds(30 * 86_400), outbox)
            #expect(try await outbox.append(try fact(["a"], "other")) == .duplicate(try fact(["a"]).id))
            let first = try #require(try await outbox.event(try fact(["a"]).id))
            #expect(first.state == .pruned && first.resent?.map(\.change) == ["amended"])
        }
        try await place.withOutbox({ $0.resent = .publish }) { outbox in
            try await wait(.seconds(601), outbox)
            let receipt = try await outbox.append(try fact(["a"], "other"))
            let again = try fact(["a"]).id(again: 2)
            guard case .accepted(again, let transition?) = receipt else {
                Issue.record("\(receipt)")
                return
            }
            #expect(transition.change == .amended && transition.revision == 2 && transition.accountsAdded.isEmpty)
            #expect(await counted(outbox) == 1)
            let first = try fact(["a"]).id
            let told = EventRecord.Again(number: 2, first: first, before: first, last: again, count: 2)
            #expect(try await outbox.event(again)?.again == told)
            #expect(try await outbox.event(first)?.again == EventRecord.Again(number: 1, first: first, before: nil, last: again, count: 2))
            #expect(try await outbox.event(again)?.accountsAdded == [])
            #expect(try await outbox.check().isSound)
        }
    }

    @Test("takes on at a reload what is to become of it")
    func reload() async throws {
        let outbox = try place.outbox()
        try await running(outbox) {
            _ = try await outbox.append(try fact(["a"]))
            try await wait(.seconds(601), outbox)
            #expect(try await outbox.append(try fact(["a"], "b")).isAccepted == false)
            var limits = OutboxLimits(maxPending: 9, minFreeDisk: 0, entryRetention: .seconds(900), factRetention: nil)
            limits.resent = .publish
            try outbox.setLimits(limits)
            try await wait(.seconds(601), outbox)
            #expect(try await outbox.append(try fact(["a"], "b")).isAccepted)
        }
    }

    @Test("a clock set back makes no retry of news, and one set ahead no news of the same")
    func wrongClock() async throws {
        try await place.withOutbox({ $0.resent = .publish }) { outbox in
            _ = try await outbox.append(try fact(["a"]))
            place.time.setWrong(by: .seconds(-86_400))
            try await wait(.seconds(60), outbox)
            #expect(try await outbox.append(try fact(["a"], "b")) == .duplicate(try fact(["a"]).id))
            try await wait(.seconds(601), outbox)
            #expect(try await outbox.append(try fact(["a"], "b")).isAccepted)
            place.time.setWrong(by: .seconds(86_400))
            try await wait(.seconds(1), outbox)
            #expect(try await outbox.append(try fact(["a"], "b")) == .duplicate(try fact(["a"]).id(again: 2)))
        }
    }

    @Test("of an outbox from before is a copy until something else is known to have been said")
    func older() async throws {
        try await place.withOutbox { outbox in _ = try await outbox.append(try fact(["a"], "before")) }
        try place.takeBack(to: 4)
        try await place.withOutbox({ $0.resent = .publish }) { outbox in
            try await wait(.seconds(601), outbox)
            #expect(try await outbox.append(try fact(["a"], "before")) == .duplicate(try fact(["a"]).id))
            try await wait(.seconds(601), outbox)
            #expect(try await outbox.append(try fact(["a"], "after")).isAccepted)
        }
    }

    @Test("is numbered on while any fact of its name is remembered, dead ones that are kept too")
    func numbers() async throws {
        let outbox = try place.outbox {
            $0.resent = .publish
            $0.entryRetention = .zero
            $0.factRetention = .seconds(1000)
        }
        try await running(outbox) {
            func settleAll(dead: Bool) async throws {
                let waiting = try await outbox.pending(in: .named("argyle.users.fully-synced"), after: 0, limit: 10)
                if dead {
                    outbox.settle(
                        try waiting.map {
                            try Settlement(sequence: $0.sequence, at: place.time.now, outcome: .dead(code: "c", detail: "d"))
                        }
                    )
                } else {
                    outbox.publish(waiting, at: place.time.now)
                }
                _ = try await outbox.currentStatus()
            }
            func forget() async throws {
                try await wait(.seconds(1100), outbox)
                for _ in 0..<8 { try await wait(.milliseconds(200), outbox) }
            }
            #expect(try await outbox.append(try fact(["a"], "1")).isAccepted)
            try await settleAll(dead: false)
            try await wait(.seconds(601), outbox)
            #expect(try await outbox.append(try fact(["a"], "2")).id == (try fact(["a"])).id(again: 2))
            try await settleAll(dead: true)
            try await wait(.seconds(601), outbox)
            #expect(try await outbox.append(try fact(["a"], "3")).id == (try fact(["a"])).id(again: 3))
            try await settleAll(dead: false)
            try await forget()
            // The second is kept with its entry, and the third because of it.
            #expect(try await outbox.integer("SELECT count(*) FROM facts") == 2)
            #expect(try await outbox.append(try fact(["a"], "4")).id == (try fact(["a"])).id(again: 4))
            try await settleAll(dead: false)
            #expect(try await outbox.check().isSound)
            _ = try await outbox.discard((try fact(["a"])).id(again: 2), reason: "r").get()
            try await forget()
            try await forget()
            #expect(try await outbox.integer("SELECT count(*) FROM facts") == 0)
            #expect(try await outbox.integer("SELECT (SELECT count(*) FROM again) + (SELECT count(*) FROM repeats)") == 0)
            let receipt = try await outbox.append(try fact(["a"], "5"))
            guard case .accepted(let id, let transition?) = receipt else {
                Issue.record("\(receipt)")
                return
            }
            #expect(id == (try fact(["a"])).id && transition.change == .initial && transition.revision == 5)
        }
    }
}
