import ArgyleAPI
import RelayTestSupport
import Testing

/// The built program against Argyle's double.
@Suite("argyle-relay subscription", .timeLimit(.minutes(2)))
struct SubscriptionCommandTests {
    private static let url = "https://relay.example.com/webhooks/argyle"

    private func run(_ argyle: ArgyleClient, _ arguments: [String], secret: String = "webhook-secret-1") async throws -> ToolRun {
        let run = try await ToolRun(
            arguments: ["subscription"] + arguments,
            environment: [
                "RELAY_ARGYLE_API_URL": argyle.baseURL, "RELAY_ARGYLE_API_KEY_ID": "key-id", "RELAY_ARGYLE_API_KEY_SECRET": "key-secret",
                "RELAY_SIGNATURE_SECRETS": "[\(secret)]",
            ]
        )
        for text in [run.output, run.errors] { #expect(!text.contains(secret) && !text.contains("key-secret")) }
        return run
    }

    @Test("ensure makes the subscription, then finds nothing to do, and replaces it without a gap when it is to change")
    func ensure() async throws {
        try await withArgyle { argyle, client, _ in
            let rehearsed = try await run(client, ["ensure", "--url", Self.url, "--dry-run"])
            #expect(rehearsed.code == 0 && rehearsed.output.hasPrefix("would create "))
            #expect(argyle.stored == [])

            let first = try await run(client, ["ensure", "--url", Self.url])
            #expect(first.code == 0, "\(first)")
            #expect(first.output == "created webhook-1  argyle-relay  \(Self.url)  users.fully_synced\n")
            #expect(argyle.stored.map(\.secret) == ["webhook-secret-1"])

            let again = try await run(client, ["ensure", "--url", Self.url])
            #expect(again.output.hasPrefix("unchanged webhook-1 "))
            #expect(!argyle.requests.dropFirst(3).contains { $0.hasPrefix("POST") })

            let moved = try await run(
                client,
                ["ensure", "--url", Self.url + "/2", "--event", "users.fully_synced", "--event", "paystubs.fully_synced"]
            )
            #expect(
                moved.lines.map { $0.split(separator: " ").prefix(2).joined(separator: " ") } == ["created webhook-2", "deleted webhook-1"]
            )
            #expect(argyle.stored.map(\.id) == ["webhook-2"])
            // Made before the old one went.
            #expect(argyle.requests.suffix(2) == ["POST /v2/webhooks", "DELETE /v2/webhooks/webhook-1"])
        }
    }

    @Test("ensure fails where what is as wanted signs with a secret of which the relay knows nothing; --rotate gives it the relay's")
    func rotate() async throws {
        try await withArgyle { argyle, client, _ in
            _ = try await run(client, ["ensure", "--url", Self.url])
            let foreign = try await run(client, ["ensure", "--url", Self.url], secret: "webhook-secret-2")
            #expect(foreign.code == 1 && foreign.output.hasPrefix("unchanged webhook-1 "))
            #expect(foreign.errors.contains("webhook-1 signs with a secret that is not among signature.secrets"), "\(foreign.errors)")
            #expect(!foreign.errors.contains("webhook-secret") && !foreign.output.contains("webhook-secret"))
            #expect(argyle.stored.map(\.secret) == ["webhook-secret-1"])
            let rotated = try await run(client, ["ensure", "--url", Self.url, "--rotate"], secret: "webhook-secret-2")
            #expect(rotated.code == 0)
            #expect(argyle.stored.map(\.secret) == ["webhook-secret-2"])
        }
    }

    @Test("config is given to Argyle and shown, and ensure leaves subscriptions with another one alone and says what is wrong with them")
    func config() async throws {
        try await withArgyle { argyle, client, _ in
            _ = try await run(client, ["create", "--url", Self.url])
            let options = [
                "--url", Self.url, "--event", "paystubs.partially_synced", "--days-synced", "30", "--include-resource", "--item", "item_1",
            ]
            let made = try await run(client, ["ensure"] + options, secret: "webhook-secret-2")
            #expect(made.code == 0, "\(made)")
            let shown = "days_synced=30 include_resource=true items=item_1"
            #expect(made.output == "created webhook-2  argyle-relay  \(Self.url)  paystubs.partially_synced  \(shown)\n")
            #expect(made.errors.contains("left alone, of the same URL or name: webhook-1"))
            #expect(made.errors.contains("warning: webhook-1 signs with a secret that is not among signature.secrets"))
            #expect(made.errors.contains("warning: it asks for no event that events.accept (*.fully_synced) lets pass"), "\(made.errors)")
            #expect(argyle.stored.last?.config == .init(includeResource: true, daysSynced: 30, items: ["item_1"]))
            #expect(argyle.stored.first?.config == nil)
            #expect(try await run(client, ["ensure"] + options, secret: "webhook-secret-2").output.hasPrefix("unchanged webhook-2 "))
            #expect(try await run(client, ["ensure", "--url", Self.url]).output.hasPrefix("unchanged webhook-1 "))
            #expect(argyle.stored.map(\.id) == ["webhook-1", "webhook-2"])
            #expect(try await run(client, ["list"]).lines.last?.hasSuffix(shown) == true)
            let json = try await run(client, ["list", "--json"], secret: "webhook-secret-2").output
            #expect(json.contains(#""days_synced" : 30"#) && !json.contains("webhook-secret"))
            #expect(try await run(client, ["create", "--url", Self.url, "--days-synced", "0"]).code == 64)
        }
    }

    @Test("list prints lines or JSON, create makes one, delete removes it, and each failure has its exit code")
    func others() async throws {
        try await withArgyle { argyle, client, _ in
            #expect(try await run(client, ["create", "--url", Self.url, "--name", "mine"]).code == 0)
            #expect(try await run(client, ["list"]).lines == ["webhook-1  mine  \(Self.url)  users.fully_synced"])
            let json = try await run(client, ["list", "--json"]).output
            #expect(json.contains(#""id" : "webhook-1""#) && json.contains(#""events" : ["#))
            #expect(try await run(client, ["delete", "webhook-1"]).code == 0)
            #expect(argyle.stored == [])
            let absent = try await run(client, ["delete", "webhook-1"])
            #expect(absent.code == 1 && absent.errors.contains("Not found."))
            #expect(try await run(client, ["create"]).code == 64)
            #expect(try await run(client, ["create", "--url", "relay.example.com"]).code == 64)
            #expect(try await run(client, ["create", "--url", "http://plain.example"]).code == 1)
            argyle.fail(.answer(status: 429, headers: [("retry-after", "4000")]))
            #expect(try await run(client, ["list"]).code == 75)
            let keyless = try await ToolRun(
                "subscription",
                "list",
                environment: ["RELAY_ARGYLE_API_URL": client.baseURL, "RELAY_SIGNATURE_REQUIRED": "false"]
            )
            #expect(keyless.code == 78 && keyless.errors.contains("argyle.api_key_id"))
        }
    }
}
