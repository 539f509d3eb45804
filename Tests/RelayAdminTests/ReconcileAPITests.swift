import Foundation
import RelayCore
import RelayOutbox
import Testing

@testable import RelayAdmin

@Suite("The admin API on what Argyle has", .timeLimit(.minutes(5)))
struct ReconcileAPITests {
    /// A request's body with one fact of user `u`.
    private func body(_ accounts: [String], revision: Int64 = 0, dryRun: Bool = false) throws -> String {
        let fact = try ReconciledBody.make(
            user: try #require(UserID("u")),
            accounts: ConnectedSet(accounts: accounts.compactMap(AccountID.init)),
            items: ["i"],
            employers: [],
            profile: nil
        )
        let facts = FoundFacts(facts: [FoundFact(revision: revision, body: fact)], dryRun: dryRun)
        return String(decoding: AdminJSON.encode(facts), as: UTF8.self)
    }

    private func facts(_ answer: (status: Int, json: [String: Any], headers: [(String, String)])) throws -> [[String: Any]] {
        try #require(answer.json["facts"] as? [[String: Any]])
    }

    @Test("tells what is known of users, takes facts in once, and tells without doing")
    func journey() async throws {
        try await TestAPI.with { test in
            let id = try await test.append("u")
            let known = try await test.answer("POST", "reconcile/users", #"{"users":["u","v"]}"#)
            let users = try #require(known.json["users"] as? [[String: Any]])
            #expect(known.status == 200 && users.map { $0["user"] as? String } == ["u", "v"])
            #expect(users[0]["accounts"] as? [String] == ["a"] && users[0]["revision"] as? Int == 1)
            #expect(users[1]["accounts"] == nil && users[1]["revision"] as? Int == 0)

            let rehearsed = try await test.answer("POST", "reconcile/facts", try body(["a", "b"], revision: 1, dryRun: true))
            #expect(rehearsed.status == 200)
            #expect(try facts(rehearsed).map { $0["outcome"] as? String } == ["missed"])
            #expect(test.outbox.status.accepted == 1)

            let taken = try facts(try await test.answer("POST", "reconcile/facts", try body(["a", "b"], revision: 1)))
            #expect(taken.map { $0["outcome"] as? String } == ["accepted"])
            #expect(taken[0]["change"] as? String == "grown" && taken[0]["revision"] as? Int == 2)
            let again = try facts(try await test.answer("POST", "reconcile/facts", try body(["a", "b"], revision: 1)))
            #expect(again.map { $0["outcome"] as? String } == ["known"] && again[0]["id"] as? String == taken[0]["id"] as? String)
            let overtaken = try facts(try await test.answer("POST", "reconcile/facts", try body(["c"], revision: 1)))
            #expect(overtaken.map { $0["outcome"] as? String } == ["overtaken"])
            let first = try facts(try await test.answer("POST", "reconcile/facts", try body(["a"], revision: 2)))
            #expect(first.map { $0["id"] as? String } == [id.description] && first[0]["outcome"] as? String == "known")
            let event = try await test.answer("GET", "events/\(taken[0]["id"] as? String ?? "")")
            #expect(event.json["origin"] as? String == "reconcile")
            #expect(test.outbox.status.accepted == 2)
        }
    }

    @Test("refuses what makes no sense, with a sentence, and takes nothing of it")
    func refusals() async throws {
        let good = try body(["a"])
        let many = try JSONSerialization.data(withJSONObject: ["users": (0...400).map { "user-\($0)" }])
        try await TestAPI.with { test in
            let users = ["", "{}", #"{"users":[]}"#, #"{"users":"u"}"#, #"{"users":["a b"]}"#, #"{"users":["u"],"more":1}"#]
            for body in users + [String(decoding: many, as: UTF8.self)] {
                let answer = try await test.answer("POST", "reconcile/users", body)
                #expect(answer.status == 400 && (answer.json["detail"] as? String)?.isEmpty == false, "\(body.prefix(80))")
            }
            let facts = [
                "", "{}", #"{"facts":[]}"#, #"{"facts":[{"body":"{}"}]}"#, #"{"facts":[{"revision":-1,"body":"{}"}]}"#,
                #"{"facts":[{"revision":0,"body":"{}"}]}"#, #"{"facts":[{"revision":0,"body":"no"}],"dry_run":true}"#,
                #"{"facts":[{"revision":0,"body":"{}","user":"u"}]}"#, #"{"facts":[{"revision":0,"body":{}}]}"#,
                good.replacingOccurrences(of: "dry_run", with: "dryrun"),
            ]
            for body in facts {
                let answer = try await test.answer("POST", "reconcile/facts", body)
                #expect(answer.status == 400 && (answer.json["detail"] as? String)?.isEmpty == false, "\(body.prefix(80))")
            }
            let one = #"{"revision":0,"body":"{}"}"#
            let tooMany = #"{"facts":["# + Array(repeating: one, count: 51).joined(separator: ",") + "]}"
            #expect(try await test.answer("POST", "reconcile/facts", tooMany).status == 400)
            for path in ["reconcile/users", "reconcile/facts"] { #expect(try await test.answer("GET", path).status == 405) }
            #expect(try await test.answer("POST", "reconcile/others", "{}").status == 404)
            #expect(test.outbox.status.accepted == 0)
        }
    }

    @Test("is behind the token like all else")
    func token() async throws {
        let good = try body(["a"])
        try await TestAPI.with(token: "right") { test in
            let users = try await test.answer("POST", "reconcile/users", #"{"users":["u"]}"#, headers: [])
            let facts = try await test.answer("POST", "reconcile/facts", good, headers: [])
            #expect(users.status == 401 && facts.status == 401)
            #expect(test.outbox.status.accepted == 0)
        }
    }
}
