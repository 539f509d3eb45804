import Foundation
import RelayTestSupport
import Testing

extension AcceptanceTests {
    @Suite("reloading", .timeLimit(.minutes(5)))
    struct ReloadTests {
        private static let signals = 50

        @Test("50 reloads with changing secrets under a thousand deliveries a second: every one is answered 200")
        func underLoad() async throws {
            let place = try RelayPlace()
            try await withRelay(place) { relay in
                let (progress, told) = AsyncStream.makeStream(of: Int.self)
                let users = (0..<256).map { SampleUser($0).bodies(revisions: 25) }
                let load = LoadGenerator(relay.deliveries, pace: .milliseconds(40))
                let clock = ContinuousClock()
                let began = clock.now
                async let answers = load.send(users: users, connections: 128) { count in
                    if count % 100 == 0, count / 100 <= Self.signals { told.yield(count / 100) }
                    if count / 100 == Self.signals { told.finish() }
                }
                for await number in progress {
                    try place.configure(["signature.secrets": "[\(RelayPlace.secret), \(Self.secret(number))]"])
                    relay.signal(SIGHUP)
                    // Signals that are not yet taken merge, so the next one waits for this one.
                    #expect(try await eventually(every: .milliseconds(5)) { Self.reloads(relay) == number }, "\(relay.log.suffix(2000))")
                }
                let report = try await answers
                let took = clock.now - began
                #expect(report.failures == [])
                #expect(report.statuses == [200: 6400])
                #expect(report.outcomes == ["accepted": 6400])
                #expect(Self.reloads(relay) == Self.signals)
                let new = SampleUser(1000).body(revision: 1)
                #expect(try await Curl.deliver(new, to: relay.deliveries, secret: Self.secret(Self.signals)).status == 200)
                #expect(try await Curl.deliver(new, to: relay.deliveries, secret: Self.secret(Self.signals - 1)).status == 401)
                #expect(!relay.log.contains("new-secret"))
                print("\(Self.signals) reloads: 6400 deliveries in \(took), p50 \(report.p50), p99 \(report.p99)")
            }
        }

        @Test(
            "a broken file leaves the old configuration in force and is named; POST reload tells what changed and what waits for a restart"
        )
        func broken() async throws {
            let place = try RelayPlace()
            try await withRelay(place) { relay in
                let before = try await fingerprint(relay)
                try place.configure(["signature.secrets": "[another-secret-77c1]", "http.max_bodi": "2MiB", "outbox.retention": "soon"])
                relay.signal(SIGHUP)
                #expect(try await eventually { relay.log.contains("not reloaded: outbox.retention") }, "\(relay.log)")
                #expect(try await eventually { relay.log.contains("http.max_bodi") })
                #expect(try await eventually { relay.log.contains("http.max_body") })
                #expect(Self.reloads(relay) == 0)
                let refused = try await reload(relay)
                #expect(refused.status == 422)
                #expect(refused.body.contains("configuration_refused"))
                #expect(refused.body.contains("http.max_bodi"))
                try "signature: [\n\t".write(toFile: place.configurationFile, atomically: true, encoding: .utf8)
                #expect(try await reload(relay).status == 422)
                #expect(try await fingerprint(relay) == before)
                #expect(try await Curl.deliver(SampleUser(1).body(revision: 1), to: relay.deliveries).status == 200)
                #expect(!relay.log.contains("another-secret"))

                try place.configure(["http.max_body": "1KiB", "log.level": "debug", "envelope.mode": "binary"])
                let adopted = try await reload(relay)
                #expect(adopted.status == 200)
                let told = try members(adopted)
                #expect((told["changed"] as? [String]).map(Set.init) == ["http.max_body", "log.level"])
                #expect(told["restart"] as? [String] == ["envelope.mode"])
                #expect(told["fingerprint"] as? String != before)
                #expect(try await fingerprint(relay) == told["fingerprint"] as? String)
                let large = [UInt8](repeating: 0x20, count: 4000)
                #expect(try await Curl.deliver(large, to: relay.deliveries).status == 413)
            }
        }

        @Test("a rotated admin token is taken: the new one is let in, the old one no more, and neither is logged")
        func token() async throws {
            let folder = try TemporaryFolder()
            defer { folder.remove() }
            let file = folder.path + "/token"
            func rotate(_ token: String) throws { try (token + "\n").write(toFile: file, atomically: true, encoding: .utf8) }
            try rotate("old-token-55d0")
            try await withRelay(try RelayPlace(["admin.token_file": file])) { relay in
                func status(_ token: String?) async throws -> Int {
                    let header = token.map { ["-H", "Authorization: Bearer \($0)"] } ?? []
                    return try await Curl.request(header + [relay.admin + "/v1/status"]).status
                }
                #expect(try await status("old-token-55d0") == 200)
                try rotate("new-token-a81c")
                #expect(try await status("new-token-a81c") == 401)
                relay.signal(SIGHUP)
                #expect(try await eventually { Self.reloads(relay) == 1 })
                #expect(try await status("new-token-a81c") == 200)
                #expect(try await status("old-token-55d0") == 401)
                #expect(try await status(nil) == 401)

                try rotate("third-token-0f3e")
                let told = try members(try await reload(relay, token: "new-token-a81c"))
                #expect(told["changed"] as? [String] == ["admin.token"])
                #expect(told["restart"] as? [String] == [])
                #expect(try await status("third-token-0f3e") == 200)
                #expect(!relay.log.contains("-token-"))
            }
        }

        @Test("a token is not given up for an address that only a restart would listen on")
        func exposed() async throws {
            let place = try RelayPlace(["admin.host": "0.0.0.0", "admin.token": "a-token-that-stays"])
            try await withRelay(place) { relay in
                try place.configure(["admin.host": "127.0.0.1", "log.level": "debug"])
                let refused = try await reload(relay, token: "a-token-that-stays")
                #expect(refused.status == 422)
                #expect(refused.body.contains("admin.token: found none"))
                #expect(try await reload(relay).status == 401)
            }
        }

        @Test("a stop is not lost among a flood of reloads")
        func flood() async throws {
            try await withRelay(try RelayPlace()) { relay in
                let script = """
                    flood() { for ((n = 0; n < $2; n++)); do kill -HUP "$1" 2>/dev/null || exit 0; read -r -t 0.001 <> <(:); done; }
                    flood "$0" 100; kill -TERM "$0"; flood "$0" 3000
                    """
                async let flood = Command.run("bash", ["-c", script, "\(relay.processIdentifier)"])
                let hasEnded = try await eventually(within: .seconds(15)) { !relay.isRunning }
                #expect(hasEnded, "\(relay.log.suffix(1000))")
                if !hasEnded { relay.signal(SIGKILL) }
                _ = try await flood
                #expect(await relay.ended() == 0)
            }
        }

        private static func secret(_ number: Int) -> String { "new-secret-\(number)" }

        private static func reloads(_ relay: RelayProcess) -> Int { relay.log.components(separatedBy: "configuration reloaded").count - 1 }

        private func reload(_ relay: RelayProcess, token: String? = nil) async throws -> Curl {
            let header = token.map { ["-H", "Authorization: Bearer \($0)"] } ?? []
            return try await Curl.request(["-X", "POST"] + header + [relay.admin + "/v1/reload"])
        }

        private func fingerprint(_ relay: RelayProcess) async throws -> String? {
            try members(try await Curl.request([relay.admin + "/v1/status"]))["configuration"] as? String
        }
    }
}
