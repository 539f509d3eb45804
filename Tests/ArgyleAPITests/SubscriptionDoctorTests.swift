import ArgyleAPI
import RelayTestSupport
import Testing

/// What `doctor` says about Argyle's subscriptions, by the built program.
@Suite("doctor about subscriptions", .timeLimit(.minutes(2)))
struct SubscriptionDoctorTests {
    private static let url = "https://relay.example.com/webhooks/argyle"

    /// The lines about subscriptions, and the exit code.
    private func doctor(_ argyle: ArgyleClient, _ arguments: [String] = [], accept: String = "[\"*.fully_synced\"]") async throws -> (
        lines: [String], code: Int32
    ) {
        let run = try await ToolRun(
            arguments: ["doctor"] + arguments,
            environment: [
                "RELAY_ARGYLE_API_URL": argyle.baseURL, "RELAY_ARGYLE_API_KEY_ID": "key-id", "RELAY_ARGYLE_API_KEY_SECRET": "key-secret",
                "RELAY_SIGNATURE_SECRETS": "[known-secret-1, known-secret-2]", "RELAY_EVENTS_ACCEPT": accept,
            ]
        )
        for secret in ["known-secret", "foreign-secret", "key-secret"] { #expect(!(run.output + run.errors).contains(secret)) }
        return (run.lines.filter { $0.contains("argyle.subscription") }, run.code)
    }

    private func stored(_ id: String, secret: String?, url: String = url) -> ArgyleDouble.Stored {
        .init(id: id, events: ["users.fully_synced"], name: "relay", url: url, secret: secret)
    }

    @Test("a subscription that signs with a secret of which the relay knows nothing is a failure, before anything is refused")
    func foreign() async throws {
        try await withArgyle { argyle, client, _ in
            argyle.stored = [stored("id-1", secret: "foreign-secret"), stored("other", secret: "x", url: "https://elsewhere.example/")]
            let (lines, code) = try await doctor(client)
            #expect(code == 1 && lines.count == 1)
            #expect(lines.first?.hasPrefix("failed") == true)
            #expect(lines.first?.contains("id-1 (relay) signs with a secret that is not among signature.secrets") == true, "\(lines)")

            argyle.stored = [stored("id-1", secret: nil)]
            #expect(try await doctor(client).lines.first?.contains("id-1 (relay) has no secret") == true)
            argyle.stored = [stored("id-1", secret: "known-secret-2")]
            let fine = try await doctor(client)
            #expect(fine.code == 0 && fine.lines.first?.hasPrefix("ok") == true, "\(fine)")
        }
    }

    @Test(
        "beside one with a known secret, a foreign one at the same path may be another relay's: a warning, unless --url says that it is ours"
    )
    func another() async throws {
        try await withArgyle { argyle, client, _ in
            argyle.stored = [
                stored("id-1", secret: "known-secret-1"),
                stored("id-2", secret: "foreign-secret", url: "https://staging.example/webhooks/argyle"),
            ]
            let (lines, code) = try await doctor(client)
            #expect(code == 0 && lines.count == 2)
            #expect(lines.last?.hasPrefix("warning") == true && lines.last?.contains("doctor --url") == true, "\(lines)")
            #expect(try await doctor(client, ["--url", Self.url]).lines.map { $0.prefix(2) } == ["ok"])
            let staging = try await doctor(client, ["--url", "https://staging.example/webhooks/argyle/"])
            #expect(staging.code == 1 && staging.lines.first?.hasPrefix("failed") == true)
        }
    }

    @Test("events that are not accepted, a path that nothing delivers to and an API that does not answer are warnings")
    func warnings() async throws {
        try await withArgyle { argyle, client, _ in
            argyle.stored = [stored("id-1", secret: "known-secret-1")]
            let unaccepted = try await doctor(client, accept: "[\"paystubs.*\"]")
            #expect(unaccepted.code == 0 && unaccepted.lines.first?.hasPrefix("warning") == true)
            #expect(unaccepted.lines.first?.contains("no event that events.accept (paystubs.*) lets pass") == true, "\(unaccepted.lines)")

            let elsewhere = try await doctor(client, ["--set", "http.path=/hooks"])
            #expect(elsewhere.code == 0 && elsewhere.lines.first?.contains("none of the 1 subscriptions") == true, "\(elsewhere.lines)")

            argyle.fail(.answer(status: 503), .answer(status: 503))
            let down = try await doctor(client)
            #expect(down.code == 0 && down.lines.first?.contains("Argyle's API is not available") == true, "\(down.lines)")
        }
    }
}
