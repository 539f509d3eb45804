import Foundation
import RelayTestSupport
import Testing

extension AcceptanceTests {
    /// The program's clock is set ahead where time is to pass.
    @Suite("a known set that comes again", .timeLimit(.minutes(5)))
    struct ResentTests {
        private static let window: Duration = .seconds(601)

        private static func body(_ accounts: [String], externalID: String = "x") -> [UInt8] {
            let list = accounts.map { "\"0185a8b8-60eb-80ca-7482-5f24504573\($0)\"" }.joined(separator: ", ")
            return Array(
                """
                {
                  "event": "users.fully_synced",
                  "name": "acceptance",
                  "data": {
                    "user": "\(SampleUser(1).id)",
                    "resource": {
                      "id": "\(SampleUser(1).id)",
                      "accounts_connected": [\(list)],
                      "items_connected": ["item_1"],
                      "employers_connected": ["Bullseye"],
                      "external_metadata": {},
                      "external_id": "\(externalID)"
                    }
                  }
                }
                """.utf8
            )
        }

        private static let identity = Array(
            #"{"event": "identities.updated", "name": "n", "data": {"account": "a", "user": "\#(SampleUser(1).id)", "identity": "i"}}"#.utf8
        )

        /// Status, id and change of an answer, in one line.
        private func answer(_ body: [UInt8], _ relay: RelayProcess) async throws -> (text: String, id: String) {
            let answer = try await Curl.deliver(body, to: relay.deliveries)
            let members = try #require(try JSONSerialization.jsonObject(with: Data(answer.body.utf8)) as? [String: Any])
            let id = try #require(members["id"] as? String)
            return ([members["status"] as? String, members["change"] as? String].compactMap { $0 }.joined(separator: " "), id)
        }

        /// Runs one life of a relay, which ends by `kill -9`.
        private func life(_ place: RelayPlace, _ faults: FaultShim, _ body: (RelayProcess) async throws -> Void) async throws {
            let relay = try await RelayProcess(place, environment: faults.environment)
            do { try await body(relay) } catch {
                await relay.end(SIGKILL)
                throw error
            }
            #expect(await relay.end(SIGKILL) == 128 + SIGKILL)
        }

        @Test("is published once where that is set, over kills between the copies, and why tells it")
        func published() async throws {
            let faults = try await FaultShim()
            let operated = try OperatedPlace(["dedup.resent": "publish", "events.accept": #"["*"]"#])
            let place = operated.place
            defer { place.folder.remove() }
            var ids: [String] = []
            func passes() { faults.wallClockOffset += Self.window }
            try await life(place, faults) { relay in
                for (accounts, told) in [(["f1"], "accepted initial"), (["f1", "f2"], "accepted grown"), (["f1"], "duplicate")] {
                    let (text, id) = try await answer(Self.body(accounts), relay)
                    #expect(text == told)
                    ids.append(id)
                }
                let (news, identity) = try await answer(Self.identity, relay)
                #expect(news == "accepted")
                ids.append(identity)
            }
            passes()
            try await life(place, faults) { relay in
                // An older set, and bytes that say nothing of what has changed: both are news by now.
                let (shrunk, again) = try await answer(Self.body(["f1"]), relay)
                #expect(shrunk == "accepted shrunk" && again != ids[0])
                ids.append(again)
                let (news, identity) = try await answer(Self.identity, relay)
                #expect(news == "accepted" && identity != ids[3])
            }
            try await life(place, faults) { relay in
                let (text, id) = try await answer(Self.body(["f1"]), relay)
                #expect(text == "duplicate" && id == ids[4])
                #expect(try await answer(Self.identity, relay).text == "duplicate")
            }
            passes()
            try await life(place, faults) { relay in
                // The user's current set: a copy while it says the same, news when it does not.
                #expect(try await answer(Self.body(["f1"]), relay).text == "duplicate")
                passes()
                let copies = Array(repeating: [Self.body(["f1"], externalID: "y")], count: 100)
                let report = try await LoadGenerator(relay.deliveries).send(users: copies, connections: 100)
                #expect(report.outcomes == ["accepted": 1, "duplicate": 99])
                #expect(try await relay.metric("deliveries_resent_total") == 1)
            }
            try await life(place, faults) { relay in
                let (text, id) = try await answer(Self.body(["f1"], externalID: "y"), relay)
                #expect(text == "duplicate" && !ids.contains(id))
                let why = try await operated.command("outbox", "why", id).output
                #expect(
                    why.contains("the same set as before, with another external_id") && why.contains("it is number 3 of its name"),
                    "\(why)"
                )
                #expect(why.contains("the first is \(ids[0]), the one before is \(ids[4])"), "\(why)")
            }
            let facts = try await place.rows("SELECT change, revision, duplicates FROM facts WHERE change IS NOT NULL ORDER BY sequence")
            #expect(facts == ["initial|1|1", "grown|2|0", "shrunk|3|2", "amended|4|100"])
            #expect(try await place.rows("PRAGMA integrity_check") == ["ok"])
        }

        @Test("is suppressed unless that is set, counted and told, over kills between the copies")
        func suppressed() async throws {
            let faults = try await FaultShim()
            let operated = try OperatedPlace()
            let place = operated.place
            defer { place.folder.remove() }
            var first = ""
            try await life(place, faults) { relay in
                first = try await answer(Self.body(["f1"]), relay).id
                _ = try await answer(Self.body(["f1", "f2"]), relay)
            }
            faults.wallClockOffset += Self.window
            try await life(place, faults) { relay in
                for _ in 0..<2 {
                    let (text, id) = try await answer(Self.body(["f1"]), relay)
                    #expect(text == "duplicate" && id == first)
                }
                #expect(try await relay.metric("deliveries_resent_total") == 1)
            }
            try await life(place, faults) { relay in
                #expect(try await answer(Self.body(["f1"]), relay).text == "duplicate")
                #expect(try await relay.metric("deliveries_resent_total") == 0)
                let why = try await operated.command("outbox", "why", first).output
                #expect(why.contains("One of the copies came later than dedup.window") && why.contains("(shrunk)"), "\(why)")
            }
            #expect(try await place.rows("SELECT count(*) FROM facts") == ["2"])
        }
    }
}
