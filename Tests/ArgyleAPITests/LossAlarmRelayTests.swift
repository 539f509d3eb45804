import ArgyleAPI
import RelayClient
import RelayCore
import RelayTestSupport
import Testing

/// The alarm in the built program, as its operator sees it.
@Suite("The loss alarm in a running relay", .timeLimit(.minutes(2)))
struct LossAlarmRelayTests {
    private func withRelay(_ argyle: ArgyleClient, _ settings: [String: String] = [:], _ body: (RelayProcess) async throws -> Void)
        async throws
    {
        let keys = ["argyle.api_url": argyle.baseURL, "argyle.api_key_id": "key-id", "argyle.api_key_secret": "key-secret"]
        let place = try RelayPlace(keys.merging(settings) { $1 })
        defer { place.folder.remove() }
        let relay = try await RelayProcess(place)
        let result: Result<Void, any Error>
        do { result = .success(try await body(relay)) } catch { result = .failure(error) }
        await relay.end()
        #expect(!relay.log.contains("key-secret") && !relay.log.contains(RelayPlace.secret))
        try result.get()
    }

    @Test("the metric and status tell by how much Argyle is ahead, and a genuine delivery of whatever event ends that")
    func lag() async throws {
        try await withArgyle { argyle, client, _ in
            argyle.stored = [
                .init(
                    id: "id-1",
                    events: ["*"],
                    name: "n",
                    url: "https://relay.example/webhooks/argyle",
                    secret: RelayPlace.secret,
                    last_sent_at: "2098-01-01T00:00:00Z"
                )
            ]
            try await withRelay(client) { relay in
                #expect(try await relay.metric("argyle_last_sent_lag_seconds") == nil)
                #expect(try await eventually { try await relay.metric("argyle_last_sent_lag_seconds") ?? 0 > 1_000_000 })
                let status = String(decoding: try await relay.get("/v1/status").body, as: UTF8.self)
                #expect(status.contains(#""last_sent":"2098-01-01T00:00:00.000Z""#) && status.contains(#""missing":false"#), "\(status)")
                #expect(!status.contains("last_arrived"))

                let ignored = Array(#"{"event":"users.created","name":"n","data":{}}"#.utf8)
                #expect(try await Curl.deliver(ignored, to: relay.deliveries).body.contains("ignored"))
                let after = String(decoding: try await relay.get("/v1/status").body, as: UTF8.self)
                #expect(after.contains("last_arrived"), "\(after)")
            }
        }
    }

    @Test("with an API that refuses the key deliveries are taken as ever")
    func refused() async throws {
        try await withArgyle { argyle, client, _ in
            argyle.fail(.answer(status: 401), .answer(status: 401))
            try await withRelay(client) { relay in
                let isTold = try await eventually { relay.log.contains("Argyle's API does not tell what it has sent") }
                #expect(isTold)
                let answer = try await Curl.deliver(SampleUser(1).body(revision: 1), to: relay.deliveries)
                #expect(answer.status == 200)
                #expect(argyle.requests.count == 1)
            }
        }
    }

    @Test("an API that does not answer holds up neither a delivery nor the stop")
    func held() async throws {
        try await withArgyle { argyle, client, _ in
            let gate = Gate()
            defer { gate.open() }
            argyle.fail(.held(until: gate))
            try await withRelay(client) { relay in
                let isAsked = try await eventually { !argyle.requests.isEmpty }
                #expect(isAsked)
                let answer = try await Curl.deliver(SampleUser(1).body(revision: 1), to: relay.deliveries)
                #expect(answer.status == 200)
                let begun = ContinuousClock.now
                let status = await relay.end()
                // The question would be given up after 30 s.
                #expect(status == 0 && ContinuousClock.now - begun < .seconds(20))
            }
        }
    }

    @Test("without keys there is no metric")
    func keyless() async throws {
        let place = try RelayPlace()
        defer { place.folder.remove() }
        let relay = try await RelayProcess(place)
        let metrics = String(decoding: try await relay.get("/metrics").body, as: UTF8.self)
        #expect(metrics.contains("argyle_relay_build_info") && !metrics.contains("argyle_last_sent"))
        await relay.end()
    }
}
