import Foundation
import RelayClient
import RelayHTTP
import RelayTestSupport
import Testing

/// The built program between a world and a relay, or its file.
@Suite("argyle-relay reconcile", .timeLimit(.minutes(5)))
struct ReconcileCommandTests {
    /// A place with an outbox in which `user` has `accounts`.
    private func filled(_ url: String, _ settings: [String: String] = [:], _ deliveries: [[UInt8]] = []) async throws -> ReconcilePlace {
        let reconciled = try ReconcilePlace(url, settings)
        try await served(reconciled) { relay in
            for body in deliveries {
                let answer = try await Curl.deliver(body, to: relay.deliveries)
                #expect(answer.status == 200)
            }
        }
        return reconciled
    }

    private func served(_ reconciled: ReconcilePlace, _ body: (RelayProcess) async throws -> Void) async throws {
        let relay = try await RelayProcess(reconciled.place)
        let result: Result<Void, any Error>
        do { result = .success(try await body(relay)) } catch { result = .failure(error) }
        await relay.end()
        try result.get()
    }

    @Test(
        "finds and takes in on the file what a relay then publishes; webhooks before it leave nothing to do, those after it are duplicates"
    )
    func file() async throws {
        try await withWorld { world, url in
            let deliveries = [ArgyleWorld.delivery(1, [0, 1]), ArgyleWorld.delivery(4, [0])]
            let reconciled = try await filled(url, [:], deliveries)
            defer { reconciled.place.folder.remove() }
            world.change { content in
                for number in 0..<3 { content.add(.init(user: 1, number: number)) }
                content.add(.init(user: 2, number: 0))
                content.add(.init(user: 3, number: 0, changed: ArgyleWorld.now))
                content.add(.init(user: 4, number: 0))
            }
            let found = try await reconciled.reconcile("--json")
            #expect(found.status == 1 && found.users("missed") == [1, 2] && found.found.count == 2, "\(found.errors)")
            #expect(found.found[1]?["accounts_added"] as? [String] == [ArgyleWorld.account(1, 2)])
            #expect(found.errors.contains("6 accounts at Argyle") && found.errors.contains("2 users were missed: --apply"))
            #expect(world.requests.allSatisfy { $0.hasPrefix("GET /v2/accounts?") })
            let one = try await reconciled.reconcile("--user", ArgyleWorld.user(2))
            #expect(one.status == 1 && one.output.hasPrefix("missed  \(ArgyleWorld.user(2))  "), "\(one)")
            let applied = try await reconciled.reconcile("--apply", "--json")
            #expect(applied.status == 0 && applied.users("accepted") == [1, 2], "\(applied.errors)")
            #expect(applied.errors.contains("no relay is running: the next 'argyle-relay serve' publishes them"))
            let again = try await reconciled.reconcile("--apply")
            #expect(again.status == 0 && again.output == "" && again.errors.hasSuffix("nothing was missed\n"), "\(again)")
            let ids = try await reconciled.place.rows("SELECT count(*) FROM facts")
            #expect(ids == ["4"])

            try await served(reconciled) { relay in
                #expect(try await relay.isPublished(within: .seconds(30)))
                let envelopes = try await relay.envelopes().filter { $0["origin"] as? String == "reconcile" }
                #expect(envelopes.count == 2)
                let grown = try #require(envelopes.first { $0["subject"] as? String == ArgyleWorld.user(1) })
                #expect(grown["id"] as? String == applied.found[1]?["id"] as? String && grown["subscription"] == nil)
                let data = try #require(grown["data"] as? [String: Any])
                #expect(data["change"] as? String == "grown" && data["revision"] as? Int == 2)
                #expect(data["external_id"] as? String == "mine-1" && data["items_connected"] as? [String] == ["item_1"])
                let late = try await Curl.deliver(ArgyleWorld.delivery(1, [2, 1, 0]), to: relay.deliveries)
                #expect(
                    late.body.contains("\"duplicate\"") && late.body.contains(applied.found[1]?["id"] as? String ?? "?"),
                    "\(late.body)"
                )
                let why = try await reconciled.place.run(
                    "outbox",
                    "why",
                    ArgyleWorld.user(2),
                    "--config",
                    reconciled.place.configurationFile
                )
                #expect(why.output.contains("taken in by reconcile"), "\(why.output)")
            }
        }
    }

    @Test("a webhook that comes between the look-up and the repair is what counts")
    func overtaken() async throws {
        try await withWorld { world, url in
            let reconciled = try ReconcilePlace(url)
            defer { reconciled.place.folder.remove() }
            world.change { content in
                content.add(.init(user: 1, number: 0))
                content.add(.init(user: 1, number: 1, changed: ArgyleWorld.now))
                content.add(.init(user: 2, number: 0))
            }
            try await served(reconciled) { relay in
                let deliveries = relay.deliveries
                world.meanwhile { target in
                    guard target.hasPrefix("/v2/users/") else { return }
                    // The user's new account is told as well, which the repair knows nothing of; the other one is told as it would be repaired.
                    for body in [ArgyleWorld.delivery(1, [0, 1]), ArgyleWorld.delivery(2, [0])] {
                        _ = try? await Curl.deliver(body, to: deliveries)
                    }
                }
                let outcome = try await reconciled.reconcile("--apply", "--json")
                #expect(outcome.status == 0 && outcome.output == "" && outcome.errors.contains("nothing was missed"), "\(outcome)")
                #expect(world.requests.filter { $0.contains("?user=\(ArgyleWorld.user(1))") }.count == 2)
                let accepted = try await relay.metric(#"deliveries_total{outcome="accepted"}"#)
                #expect(accepted == 2)
            }
            #expect(
                try await reconciled.place.rows("SELECT members FROM facts ORDER BY sequence") == [
                    "\(ArgyleWorld.account(1, 0)),\(ArgyleWorld.account(1, 1))", ArgyleWorld.account(2, 0),
                ]
            )
        }
    }

    @Test("a user whose set retention has taken is counted and left alone, unless named")
    func forgotten() async throws {
        try await withWorld { world, url in
            let reconciled = try await filled(url)
            defer { reconciled.place.folder.remove() }
            _ = try await reconciled.place.rows("INSERT INTO users VALUES ('\(ArgyleWorld.user(1))', 1, 1, 1)")
            world.change { $0.add(.init(user: 1, number: 0)) }
            let outcome = try await reconciled.reconcile("--apply", "--json")
            #expect(outcome.status == 0 && outcome.users("forgotten") == [1], "\(outcome)")
            #expect(outcome.errors.contains("1 cannot be told"))
            let named = try await reconciled.reconcile("--apply", "--json", "--user", ArgyleWorld.user(1))
            #expect(named.status == 0 && named.users("accepted") == [1], "\(named)")
        }
    }

    @Test(
        "an answer of Argyle's that is not as documented gets one clear line, and nothing is taken in",
        arguments: [
            ("<html>", "it is no JSON"), (#"{"next":null,"results":[{"id":"a"}]}"#, "results.0.user is missing"),
            (#"{"next":"/v2/accounts?limit=200&cursor=9","results":[]}"#, "lead in a circle"),
            (#"{"next":"https://evil.example/","results":[]}"#, "another origin"),
        ]
    )
    func badAnswers(body: String, words: String) async throws {
        try await withWorld { world, url in
            let reconciled = try await filled(url)
            defer { reconciled.place.folder.remove() }
            world.change { content in for user in 0..<10 { content.add(.init(user: user, number: 0)) } }
            // At once, and where it has all but found something.
            for only in ["?limit", "?user"] {
                world.disturb { _, target, _ in target.contains(only) || target.contains("cursor") ? .json(body) : nil }
                let outcome = try await reconciled.reconcile("--apply", "--json")
                #expect(outcome.status == 1 && outcome.output == "", "\(outcome)")
                let last = try #require(outcome.errors.split(separator: "\n").last)
                #expect(last.hasPrefix("argyle-relay: Argyle's API answered unexpectedly: ") && last.contains(words), "\(last)")
            }
            world.disturb { _, target, _ in target.contains("/v2/users") ? .json(body) : nil }
            let outcome = try await reconciled.reconcile("--apply")
            #expect(outcome.status == 1 && outcome.errors.contains("what came from /v2/users/"), "\(outcome.errors)")
            let rows = try await reconciled.place.rows("SELECT count(*) FROM facts")
            #expect(rows == ["0"])
        }
    }

    @Test("each failure has its exit code and says what to do")
    func codes() async throws {
        try await withWorld { world, url in
            let reconciled = try ReconcilePlace(url)
            defer { reconciled.place.folder.remove() }
            let nowhere = try await reconciled.reconcile()
            #expect(nowhere.status == 1 && nowhere.errors.contains("there is no outbox"), "\(nowhere.errors)")
            #expect(try await reconciled.reconcile("--rate", "50").status == 64)
            #expect(try await reconciled.reconcile("--user", "a b").status == 64)
            let keyless = try await reconciled.reconcile("--set", "argyle.api_key_id=")
            #expect(keyless.status == 78, "\(keyless.errors)")
            let deaf = try await reconciled.reconcile("--set", "events.accept=paystubs.*")
            #expect(deaf.status == 78 && deaf.errors.contains("events.accept"))
            #expect(world.requests == [])

            try await served(reconciled) { relay in
                world.disturb { _, _, _ in .json(status: 429, "{}", headers: [("retry-after", "4000")]) }
                let busy = try await reconciled.reconcile()
                #expect(busy.status == 75 && busy.errors.contains("asks to wait for 4000 s"), "\(busy.errors)")
                world.disturb { _, _, _ in .json(status: 401, #"{"detail":"no"}"#) }
                let refused = try await reconciled.reconcile()
                #expect(refused.status == 1 && refused.errors.contains("argyle.api_key_id"))
                let elsewhere = try await reconciled.reconcile("--set", "admin.port=\(try #require(try FreePorts.take(1).first))")
                #expect(elsewhere.status == 75 && elsewhere.errors.contains("is in use"), "\(elsewhere.errors)")
            }
        }
    }

    @Test("an outbox that is full takes in what it can, says so with 75, and the rest later")
    func full() async throws {
        try await withWorld { world, url in
            let reconciled = try await filled(url)
            defer { reconciled.place.folder.remove() }
            world.change { content in for user in 0..<30 { content.add(.init(user: user, number: 0)) } }
            let full = try await reconciled.reconcile("--apply", "--set", "outbox.max_pending=27")
            #expect(full.status == 75 && full.errors.contains("outbox.max_pending"), "\(full.errors)")
            #expect(try await reconciled.place.rows("SELECT count(*) FROM facts") == ["27"])
            let rest = try await reconciled.reconcile("--apply", "--json")
            #expect(rest.status == 0 && rest.users("accepted").count == 3, "\(rest.errors)")
        }
    }
}
