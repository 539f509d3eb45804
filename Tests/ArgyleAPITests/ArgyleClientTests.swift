import ArgyleAPI
import RelayTestSupport
import Testing

@Suite("Argyle's API", .timeLimit(.minutes(1)))
struct ArgyleClientTests {
    private let wanted = WantedSubscription(
        events: ["users.fully_synced"],
        name: "relay",
        url: "https://relay.example.com/webhooks/argyle",
        secret: "s3cret-of-the-hook"
    )

    private func stored(_ count: Int) -> [ArgyleDouble.Stored] {
        (0..<count).map { .init(id: "id-\($0)", events: ["users.fully_synced"], name: "n\($0)", url: "https://example.com/\($0)") }
    }

    @Test("every page of a listing is read, in order")
    func pages() async throws {
        try await withArgyle { argyle, client, _ in
            argyle.stored = stored(25)
            argyle.setPageSize(10)
            let listed1 = try await client.subscriptions()
            #expect(listed1.map(\.id) == (0..<25).map { "id-\($0)" })
            #expect(argyle.requests.count == 3)
            argyle.stored = []
            let listed2 = try await client.subscriptions()
            #expect(listed2 == [])
        }
    }

    @Test(
        "a next page at another origin is not asked for, so that the credential stays at home",
        arguments: ["http://127.0.0.1:1/v2/webhooks", "https://evil.example/", "//evil.example/v2"]
    )
    func otherOrigin(link: String) async throws {
        try await withArgyle { argyle, client, _ in
            argyle.stored = stored(3)
            argyle.setPageSize(2)
            argyle.setNextPage { _ in link }
            await #expect(throws: ArgyleError.self) { try await client.subscriptions() }
            #expect(argyle.requests.count == 1)
        }
    }

    @Test("pages that lead in a circle end with an error; a relative link is followed")
    func circles() async throws {
        try await withArgyle { argyle, client, _ in
            argyle.stored = stored(4)
            argyle.setPageSize(2)
            argyle.setNextPage { "/v2/webhooks?limit=2&cursor=\($0)" }
            let listed3 = try await client.subscriptions()
            #expect(listed3.count == 4)
            argyle.setNextPage { _ in "/v2/webhooks?limit=2&cursor=1" }
            await #expect(throws: ArgyleError.unexpected("the pages of /v2/webhooks?limit=100 lead in a circle")) {
                try await client.subscriptions()
            }
        }
    }

    @Test("a subscription is made with its secret, shown without it, and deleted")
    func lifecycle() async throws {
        try await withArgyle { argyle, client, _ in
            let made = try await client.create(wanted, known: [])
            #expect(wanted.isMet(by: made))
            #expect(argyle.stored.map(\.secret) == ["s3cret-of-the-hook"])
            #expect(!"\(wanted) \(String(reflecting: wanted)) \(made)".contains("s3cret"))
            try await client.delete(made.id)
            #expect(argyle.stored == [])
            await #expect(throws: ArgyleError.refused(status: 404, message: "Not found.")) { try await client.delete(made.id) }
        }
    }

    @Test("429 and 5xx are tried again: after what Retry-After asks for, otherwise after growing pauses")
    func backOff() async throws {
        try await withArgyle { argyle, client, clock in
            argyle.fail(
                .answer(status: 429, headers: [("retry-after", "7")]),
                .answer(status: 500),
                .answer(status: 503, headers: [("retry-after", "Tue, 14 Nov 2023 22:13:29 GMT")]),
                .answer(status: 502)
            )
            let listed4 = try await client.subscriptions()
            #expect(listed4 == [])
            #expect(clock.pauses == [.seconds(7), .seconds(1), .seconds(9), .seconds(4)])
        }
    }

    @Test("the tries are bounded, and so is the patience with Retry-After")
    func bounds() async throws {
        try await withArgyle { argyle, client, clock in
            for _ in 0..<6 { argyle.fail(.answer(status: 500, body: #"{"detail":"broken"}"#)) }
            await #expect(throws: ArgyleError.unavailable(status: 500, message: "broken", attempts: 6)) { try await client.subscriptions() }
            #expect(clock.pauses.count == 5)
            argyle.fail(.answer(status: 429, headers: [("retry-after", "86400")]))
            await #expect(throws: ArgyleError.busy(retryAfter: 86400)) { try await client.subscriptions() }
            #expect(clock.pauses.count == 5)
        }
    }

    @Test("a wrong key is told apart from a wrong request, and neither text holds a secret")
    func refusals() async throws {
        try await withArgyle(credential: .init(id: "other", secret: "pass-that-is-wrong")) { argyle, client, clock in
            let error = await caught(ArgyleError.self) { try await client.subscriptions() }
            #expect(error == .notAuthorised(status: 401, message: "Incorrect authentication credentials."))
            #expect(argyle.requests.count == 1 && clock.pauses == [])
        }
        try await withArgyle { argyle, client, _ in
            let bad = WantedSubscription(events: ["x"], name: "n", url: "http://plain.example", secret: "s3cret-of-the-hook")
            let error = await caught(ArgyleError.self) { try await client.create(bad, known: []) }
            #expect(error == .refused(status: 400, message: "secret: [redacted] is fine; url: Enter a valid URL."))
            argyle.fail(.answer(status: 400, body: "the key-secret of\u{1B}[31m key-id is\nbad"))
            let echoed = await caught(ArgyleError.self) { try await client.subscriptions() }
            #expect(echoed == .refused(status: 400, message: "the [redacted] of [31m [redacted] is bad"))
        }
    }

    @Test("a creation of which nobody knows whether it was done is looked for, not done twice", arguments: [500, 504])
    func ambiguousCreation(status: Int) async throws {
        try await withArgyle { argyle, client, _ in
            argyle.stored = [.init(id: "old", events: wanted.events, name: wanted.name, url: wanted.url)]
            argyle.fail(.servedButAnswered(status: status))
            let made = try await client.create(wanted, known: ["old"])
            #expect(made.id == "webhook-1")
            #expect(argyle.stored.map(\.id) == ["old", "webhook-1"])
            // This one was not done.
            argyle.fail(.answer(status: status))
            let second = try await client.create(wanted, known: ["old", "webhook-1"])
            #expect(second.id == "webhook-2")
        }
    }

    @Test("a creation that is answered as the document's example has it, without an id, is found in the listing")
    func exampleAnswer() async throws {
        let example = """
            {"event":"users.fully_synced","name":"name-for-the-webhook-subscription","data":{"user":"018051aa-f7a9-a0db-2f38-6cfa325e9d69",
            "resource":{"id":"018051aa-f7a9-a0db-2f38-6cfa325e9d69","accounts_connected":[],"external_metadata":{}}}}
            """
        try await withArgyle { argyle, client, _ in
            argyle.fail(.servedButAnswered(status: 200, body: example))
            let made = try await client.create(wanted, known: [])
            #expect(made.id == "webhook-1")
            #expect(argyle.stored.map(\.id) == ["webhook-1"])
            // An answer of success for something that is not there is no success.
            argyle.fail(.answer(status: 200, body: example))
            await #expect(throws: ArgyleError.unexpected("Argyle took the subscription, but does not list it")) {
                try await client.create(wanted, known: ["webhook-1"])
            }
        }
    }

    @Test("a deletion that was done though its sender was told otherwise counts as done")
    func ambiguousDeletion() async throws {
        try await withArgyle { argyle, client, _ in
            argyle.stored = stored(2)
            argyle.fail(.servedButAnswered(status: 502))
            try await client.delete("id-0")
            #expect(argyle.stored.map(\.id) == ["id-1"])
            await #expect(throws: ArgyleError.self) { try await client.delete("../users") }
        }
    }

    @Test("what is not as documented is said to be so", arguments: ["", "[]", #"{"results":[{"id":1}]}"#, "<html>"])
    func undocumented(body: String) async throws {
        try await withArgyle { argyle, client, _ in
            argyle.fail(.answer(status: 200, body: body))
            await #expect(throws: ArgyleError.unexpected("what came from /v2/webhooks?limit=100 is not as documented")) {
                try await client.subscriptions()
            }
        }
    }

    @Test("a refusal is final, an overloaded API is not")
    func temporary() async throws {
        try await withArgyle { argyle, client, clock in
            argyle.fail(.answer(status: 404))
            let error = await caught(ArgyleError.self) { try await client.subscriptions() }
            #expect(error?.isTemporary == false)
            argyle.fail(
                .answer(status: 503),
                .answer(status: 503),
                .answer(status: 503),
                .answer(status: 503),
                .answer(status: 503),
                .answer(status: 503)
            )
            let busy = await caught(ArgyleError.self) { try await client.subscriptions() }
            #expect(busy?.isTemporary == true)
        }
    }
}
