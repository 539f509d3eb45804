import Foundation
import RelayTestSupport
import Testing

extension AcceptanceTests {
    @Suite("what is secret", .timeLimit(.minutes(5)))
    struct LogSecrecyTests {
        /// Each stands in one secret place of its own.
        private enum Marker: String, CaseIterable {
            case secret = "marker-secret-51c7"
            case body = "marker-body-9a20"
            case unverified = "marker-unverified-e41b"
            case oversize = "marker-oversize-77d0"
            case slow = "marker-slow-0c3f"
            case query = "marker-query-3e95"
            case password = "marker-password-b8e2"
            case token = "marker-token-4d1d"
        }

        @Test("stands in no line of the log, whatever becomes of a delivery and however much is logged", arguments: ["text", "json"])
        func log(format: String) async throws {
            let place = try RelayPlace([
                "signature.secrets": "[\(Marker.secret.rawValue)]", "log.level": "trace", "log.format": format, "http.max_body": "64KiB",
                "http.request_timeout": "300ms", "kafka.bootstrap_servers": "[\"127.0.0.1:1\"]", "outbox.max_pending": "3",
                "admin.token": Marker.token.rawValue,
                "kafka.properties": """
                ["security.protocol=SASL_PLAINTEXT", "sasl.mechanism=PLAIN", "sasl.username=relay", "sasl.password=\(Marker.password.rawValue)"]
                """,
            ])
            try await withRelay(place) { relay in
                var signatures: [String] = []
                func deliver(_ body: String, secret: String = Marker.secret.rawValue, _ arguments: [String] = []) async throws -> Int {
                    let bytes = Array(body.utf8)
                    signatures.append(String(signing: bytes, with: secret))
                    return try await Curl.deliver(bytes, to: relay.deliveries, secret: secret, arguments).status
                }
                let accepted = delivery(Marker.body.rawValue)
                for _ in ["accepted", "duplicate"] {
                    let status = try await deliver(accepted)
                    #expect(status == 200)
                }
                #expect(try await deliver(#"{"event":"users.created","name":"\#(Marker.body.rawValue)"}"#) == 200)
                #expect(try await deliver(#"{"event":"users.fully_synced","x":"\#(Marker.body.rawValue)"}"#) == 200)
                #expect(try await deliver(Marker.body.rawValue) == 200)
                #expect(try await deliver(delivery(Marker.unverified.rawValue), secret: "not the one") == 401)
                let unsigned = Array(Marker.unverified.rawValue.utf8)
                #expect(try await Curl.deliver(unsigned, to: relay.deliveries, secret: nil).status == 401)
                #expect(try await deliver(String(repeating: Marker.oversize.rawValue, count: 10_000)) == 413)
                #expect(try await Curl.beginDelivery(Marker.slow.rawValue, to: relay.deliveries).status == 408)
                #expect(try await Curl.request([relay.deliveries + "/other?key=\(Marker.query.rawValue)"]).status == 404)
                #expect(try await deliver(delivery("full", user: 2)) == 503)
                #expect(
                    try await Curl.request(["-H", "Authorization: Bearer \(Marker.token.rawValue)", relay.admin + "/readyz"]).status == 503
                )
                await relay.end(SIGKILL)

                let log = relay.log
                #expect(log.contains("outcome"))
                for outcome in [
                    "accepted", "duplicate", "ignored", "not_json", "signature_mismatch", "body_too_large", "request_timeout", "/other",
                ] {
                    #expect(log.contains(outcome), "nothing is said of \(outcome)")
                }
                for marker in Marker.allCases { #expect(!log.contains(marker.rawValue), "\(marker)") }
                let lowered = log.lowercased()
                for signature in signatures { #expect(!lowered.contains(signature.prefix(16))) }
            }
        }

        private func delivery(_ marker: String, user: Int = 1) -> String {
            """
            {"event":"users.fully_synced","name":"\(marker)","data":{"user":"\(SampleUser(user).id)","resource":{"id":"\(SampleUser(user).id)",\
            "accounts_connected":["\(marker)"],"external_id":"\(marker)","external_metadata":{"\(marker)":1},"employers_connected":["\(marker)"]}}}
            """
        }
    }
}
