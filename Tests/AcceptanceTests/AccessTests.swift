import Foundation
import RelayTestSupport
import Testing

extension AcceptanceTests {
    @Suite("who may deliver", .timeLimit(.minutes(5)))
    struct AccessTests {
        @Test("the nearest hop that is no trusted proxy must be on the list")
        func proxies() async throws {
            let settings = ["access.allow": "[192.0.2.0/24]", "access.trusted_proxies": "[127.0.0.1, 10.0.0.0/8]"]
            try await withRelay(try RelayPlace(settings)) { relay in
                let cases: [(forwarded: String?, status: Int)] = [
                    ("192.0.2.7", 200), ("198.51.100.1, 192.0.2.7", 200), ("192.0.2.7, 10.1.2.3", 200), ("192.0.2.7, 198.51.100.1", 403),
                    ("198.51.100.1", 403), ("nonsense", 403), (nil, 403),
                ]
                for (number, (forwarded, status)) in cases.enumerated() {
                    let header = forwarded.map { ["-H", "X-Forwarded-For: \($0)"] } ?? []
                    let answer = try await Curl.deliver(SampleUser(number).body(revision: 1), to: relay.deliveries, header)
                    #expect(answer.status == status, "\(forwarded ?? "none")")
                    if status == 403 { try expectProblem(answer, 403, "address_not_allowed") }
                }
            }
        }

        @Test("an address that is neither allowed nor a trusted proxy is closed at once, counted and logged, whatever it says of itself")
        func strangers() async throws {
            try await withRelay(try RelayPlace(["access.allow": "[192.0.2.0/24]", "http.max_connections": "1"])) { relay in
                let header = ["-H", "X-Forwarded-For: 192.0.2.7"]
                for _ in 0..<20 {
                    await #expect(throws: Curl.NoAnswer.self) {
                        try await Curl.deliver(SampleUser(1).body(revision: 1), to: relay.deliveries, header)
                    }
                }
                #expect(try await relay.metric("deliveries_total{outcome=\"address_not_allowed\"}") == 20)
                let log = relay.log
                let line = try #require(log.split(separator: "\n").first { $0.contains("its address may not deliver") })
                #expect(line.contains("code=address_not_allowed") && line.contains("peer=127.0.0.1"), "\(line)")
            }
        }

        @Test("a reload's list holds for new connections at once")
        func reloaded() async throws {
            let place = try RelayPlace(["access.allow": "[192.0.2.0/24]"])
            try await withRelay(place) { relay in
                let body = SampleUser(1).body(revision: 1)
                await #expect(throws: Curl.NoAnswer.self) { try await Curl.deliver(body, to: relay.deliveries) }
                try place.configure(["access.allow": "[127.0.0.0/8]"])
                relay.signal(SIGHUP)
                #expect(try await eventually { relay.log.contains("configuration reloaded") })
                #expect(try await Curl.deliver(body, to: relay.deliveries).status == 200)
            }
        }

        @Test("any of several secrets signs, and the metric says which")
        func secrets() async throws {
            try await withRelay(try RelayPlace(["signature.secrets": "[first-secret, second-secret]"])) { relay in
                for (number, secret) in ["first-secret", "second-secret", "second-secret", "third-secret"].enumerated() {
                    let answer = try await Curl.deliver(SampleUser(number).body(revision: 1), to: relay.deliveries, secret: secret)
                    #expect(answer.status == (secret == "third-secret" ? 401 : 200))
                }
                #expect(try await relay.metric("signature_secret_matches_total{secret=\"1\"}") == 1)
                #expect(try await relay.metric("signature_secret_matches_total{secret=\"2\"}") == 2)
            }
        }

        @Test("with mutual TLS only who has a certificate of the right authority")
        func mutualTLS() async throws {
            let certificates = try await Certificates()
            defer { certificates.folder.remove() }
            let settings = [
                "http.tls.certificate_file": certificates.path("server.pem"), "http.tls.private_key_file": certificates.path("server.key"),
                "http.tls.client_ca_file": certificates.path("ca.pem"),
            ]
            try await withRelay(try RelayPlace(settings)) { relay in
                #expect(relay.deliveries.hasPrefix("https://"))
                let body = SampleUser(1).body(revision: 1)
                let trust = ["--cacert", certificates.path("ca.pem")]
                func certificate(_ name: String) -> [String] {
                    trust + ["--cert", certificates.path("\(name).pem"), "--key", certificates.path("\(name).key")]
                }
                await #expect(throws: Curl.NoAnswer.self) { try await Curl.deliver(body, to: relay.deliveries, trust) }
                await #expect(throws: Curl.NoAnswer.self) { try await Curl.deliver(body, to: relay.deliveries, certificate("stranger")) }
                let admitted = try await Curl.deliver(body, to: relay.deliveries, certificate("client"))
                #expect(admitted.status == 200)
                #expect(try await relay.metric("deliveries_total{outcome=\"accepted\"}") == 1)
            }
        }
    }
}
