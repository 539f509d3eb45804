import Foundation
import RelayClient
import RelayCore
import RelayHTTP
import RelayTestSupport
import Testing

/// A customer of 10,000 users and 30,000 accounts, of whom 137 users were missed, beside a running relay.
@Suite("reconcile on a whole customer", .timeLimit(.minutes(5)))
struct ReconcileAcceptanceTests {
    private static let users = 10_000
    /// 60 users of whom nothing was told, 50 whose third account was not, 27 whose one told account has gone since.
    private static let never = Set((0..<60).map { $0 * 150 + 3 })
    private static let third = Set((0..<50).map { $0 * 190 + 4 })
    private static let replaced = Set((0..<27).map { $0 * 350 + 5 })
    private static let missed = never.union(third).union(replaced)
    /// Missed as well, and gone before anybody can say so.
    private static let vanishing = Set((0..<8).map { $0 * 1000 + 77 })

    /// What Argyle has delivered of a user.
    private static func told(_ user: Int) -> [Int] {
        if never.contains(user) || vanishing.contains(user) { return [] }
        if third.contains(user) { return [0, 1] }
        return replaced.contains(user) ? [9] : [0, 1, 2]
    }

    /// What Argyle has retrieved of a missed user.
    private static func whole(_ user: Int) -> [Int] { replaced.contains(user) ? [1, 2] : [0, 1, 2] }

    /// Missed users' accounts are old and still, except those that were told; everyone else's are at all that they can be at.
    private static func fill(_ content: inout ArgyleWorld.Content) {
        for user in 0..<users {
            for number in 0..<3 {
                var account = ArgyleWorld.Account(user: user, number: number)
                if replaced.contains(user), number == 0 { account.scanned = nil }
                if third.contains(user), number < 2 { account.isRetrieving = user % 2 == 0 }
                if user % 11 == 0, !missed.contains(user) { account.connection = "error" }
                content.add(account)
            }
            guard !missed.contains(user), !vanishing.contains(user) else { continue }
            switch user % 40 {
            case 1: content.add(.init(user: user, number: 3, changed: ArgyleWorld.now))
            case 2: content.add(.init(user: user, number: 3, isRetrieving: true))
            case 6: content.add(.init(user: user, number: 3, scanned: nil, connection: "connecting"))
            case 7: content.refresh(user)
            case 8: content.delete(of: user) { $0.number == 1 }
            default: break
            }
        }
    }

    /// Between two requests users are refreshed, connect further accounts and delete them; now and then Argyle is busy, or broken.
    private static func disturb(_ number: Int, _ target: String, _ content: inout ArgyleWorld.Content) -> HTTPServerResponse? {
        if number % 41 == 13 { return .json(status: 429, #"{"detail":"busy"}"#, headers: [("retry-after", "0")]) }
        if number % 97 == 50 { return .json(status: 500, #"{"detail":"broken"}"#) }
        if target.contains("?user=") { for user in vanishing { content.delete(of: user) } }
        for step in 0..<5 {
            let user = (number * 7919 + step * 1231) % users
            guard !missed.contains(user), !vanishing.contains(user) else { continue }
            switch step {
            case 0, 1: content.refresh(user)
            case 2: content.delete(of: user) { $0.number == number % 3 }
            case 3: content.add(.init(user: user, number: 4, isRetrieving: true, changed: ArgyleWorld.now))
            default: content.delete(of: user)
            }
        }
        return nil
    }

    @Test("137 missed users are found, taken in once over a kill -9 half-way, and published; then there are none")
    func customer() async throws {
        #expect(Self.missed.count == 137)
        try await withWorld { world, url in
            world.change(Self.fill)
            let reconciled = try ReconcilePlace(url)
            defer { reconciled.place.folder.remove() }
            let relay = try await RelayProcess(reconciled.place)
            let result: Result<Void, any Error>
            do { result = .success(try await reconcile(reconciled, relay, world)) } catch { result = .failure(error) }
            await relay.end()
            try result.get()
        }
    }

    private func reconcile(_ reconciled: ReconcilePlace, _ relay: RelayProcess, _ world: ArgyleWorld) async throws {
        let told = (0..<Self.users).map { ($0, Self.told($0)) }.filter { !$0.1.isEmpty }
        let bodies = told.map { [ArgyleWorld.delivery($0.0, $0.1)] }
        let load = try await LoadGenerator(relay.deliveries).send(users: bodies, connections: 16)
        #expect(load.outcomes == ["accepted": told.count], "\(load.failures.first ?? "")")
        #expect(try await relay.isPublished(within: .seconds(60)))
        world.disturb(Self.disturb)

        let found = try await reconciled.reconcile("--json")
        #expect(found.status == 1, "\(found.errors)")
        expectAll(found, "missed")
        #expect(try await accepted(relay) == told.count)

        try await killHalfWay(reconciled, relay, told.count)
        let before = try await accepted(relay) - told.count
        let applied = try await reconciled.reconcile("--apply", "--json")
        #expect(applied.status == 0, "\(applied.errors)")
        #expect(before + applied.users("accepted").count == 137 && applied.found.count == applied.users("accepted").count)
        let last = try await reconciled.reconcile("--json")
        #expect(last.status == 0 && last.output == "", "\(last.output.prefix(500)) \(last.errors)")

        #expect(try await relay.isPublished(within: .seconds(60)))
        let envelopes = try await relay.envelopes()
        #expect(envelopes.count == told.count + 137 && Set(envelopes.compactMap { $0["id"] as? String }).count == envelopes.count)
        try expectPublished(envelopes.filter { $0["origin"] != nil })
        for user in Self.missed.sorted().prefix(20) {
            let answer = try await Curl.deliver(ArgyleWorld.delivery(user, Self.whole(user)), to: relay.deliveries)
            #expect(answer.status == 200 && answer.body.contains("\"duplicate\""), "\(answer.body)")
        }
        #expect(world.requests.allSatisfy { $0.hasPrefix("GET ") })
    }

    private func expectAll(_ outcome: ReconcilePlace.Outcome, _ word: String) {
        #expect(outcome.users(word) == Self.missed && outcome.found.count == 137)
        for (user, line) in outcome.found {
            let accounts = Self.whole(user).map { ArgyleWorld.account(user, $0) }
            #expect(line["accounts"] as? [String] == accounts, "\(user)")
            let added = Self.whole(user).filter { !Self.told(user).contains($0) }.map { ArgyleWorld.account(user, $0) }
            #expect(line["accounts_added"] as? [String] == added, "\(user)")
        }
    }

    /// Exactly the missed ones, each under the id that anyone can recompute.
    private func expectPublished(_ envelopes: [[String: Any]]) throws {
        #expect(Set(envelopes.compactMap { ($0["subject"] as? String).flatMap { Int($0.suffix(12)) } }) == Self.missed)
        #expect(envelopes.count == 137)
        for envelope in envelopes {
            let user = try #require((envelope["subject"] as? String).flatMap { Int($0.suffix(12)) })
            let accounts = Self.whole(user).map { ArgyleWorld.account(user, $0) }
            let name = "users.fully_synced|\(ArgyleWorld.user(user))|\(accounts.joined(separator: ","))"
            #expect(envelope["id"] as? String == EventID(naming: Array(name.utf8)).description)
            let data = try #require(envelope["data"] as? [String: Any])
            let change = Self.never.contains(user) ? "initial" : Self.third.contains(user) ? "grown" : "replaced"
            #expect(data["change"] as? String == change && data["external_id"] as? String == "mine-\(user)", "\(user)")
            #expect(envelope["origin"] as? String == "reconcile" && envelope["subscription"] == nil)
        }
    }

    private func accepted(_ relay: RelayProcess) async throws -> Int {
        let answer = try await relay.get("/v1/status")
        let status = try JSONSerialization.jsonObject(with: Data(answer.body)) as? [String: Any]
        return try #require(status?["accepted"] as? Int)
    }

    private func killHalfWay(_ reconciled: ReconcilePlace, _ relay: RelayProcess, _ told: Int) async throws {
        let run = try ServerProcess(
            RelayPlace.binary.path,
            reconciled.arguments(["--apply"]),
            environment: ProcessInfo.processInfo.environment
        )
        let isHalfWay = try await eventually(within: .seconds(120), every: .milliseconds(20)) { try await accepted(relay) >= told + 50 }
        await run.end(SIGKILL)
        #expect(isHalfWay)
        let taken = try await accepted(relay) - told
        #expect((50..<137).contains(taken), "\(taken)")
    }
}
