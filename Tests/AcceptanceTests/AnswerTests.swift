import Foundation
import RelayTestSupport
import Testing

extension AcceptanceTests {
    /// The table of answers, row by row, by curl.
    @Suite("answers", .timeLimit(.minutes(5)))
    struct AnswerTests {
        @Test("200 with what became of it: accepted, duplicate, ignored, quarantined")
        func genuine() async throws {
            try await withRelay(try RelayPlace()) { relay in
                let user = SampleUser(1)
                let first = try await Curl.deliver(user.body(revision: 1), to: relay.deliveries)
                #expect(first.status == 200)
                #expect(first.headers["content-type"]?.hasPrefix("application/json") == true)
                let accepted = try members(first)
                let id = try #require(accepted["id"] as? String)
                #expect(UUID(uuidString: id) != nil)
                #expect(Set(accepted.keys) == ["status", "id", "change", "revision"])
                #expect(first.body == #"{"status":"accepted","id":"\#(id)","change":"initial","revision":1}"# + "\n")

                let again = try await Curl.deliver(user.body(revision: 1, repeated: true), to: relay.deliveries)
                #expect(again.status == 200)
                #expect(again.body == #"{"status":"duplicate","id":"\#(id)"}"# + "\n")

                let grown = try members(try await Curl.deliver(user.body(revision: 2), to: relay.deliveries))
                #expect(grown["change"] as? String == "grown")
                #expect(grown["revision"] as? Int == 2)

                let other = #"{"event":"users.created","name":"n","data":{"user":"\#(user.id)"}}"#
                let ignored = try await Curl.deliver(Array(other.utf8), to: relay.deliveries)
                #expect(ignored.status == 200)
                #expect(ignored.body == #"{"status":"ignored"}"# + "\n")

                let quarantined = try await Curl.deliver(Array("no JSON".utf8), to: relay.deliveries)
                #expect(quarantined.status == 200)
                let kept = try members(quarantined)
                #expect(kept["status"] as? String == "quarantined")
                #expect(kept["code"] as? String == "not_json")
                #expect((kept["id"] as? String).flatMap(UUID.init) != nil)
                for outcome in ["accepted", "duplicate", "ignored", "quarantined"] {
                    #expect(try await relay.metric("deliveries_total{outcome=\"\(outcome)\"}") == (outcome == "accepted" ? 2 : 1))
                }
            }
        }

        @Test("401 to what nobody signed, is signed malformed, twice, or by another secret")
        func signatures() async throws {
            try await withRelay(try RelayPlace()) { relay in
                let body = SampleUser(1).body(revision: 1)
                let upper = ["-H", "X-Argyle-Signature: \(String(signing: body, with: RelayPlace.secret).uppercased())"]
                let cases: [(String, String?, [String])] = [
                    ("signature_missing", nil, []),
                    ("signature_malformed", nil, ["-H", "X-Argyle-Signature: 12ab"]),
                    ("signature_malformed", RelayPlace.secret, upper),
                    ("signature_mismatch", "another secret", []),
                ]
                for (code, secret, arguments) in cases {
                    let answer = try await Curl.deliver(body, to: relay.deliveries, secret: secret, arguments)
                    try expectProblem(answer, 401, code)
                    #expect(answer.headers["www-authenticate"] != nil)
                }
                #expect(try await Curl.deliver(body, to: relay.deliveries, secret: nil, upper).status == 200)
                #expect(try await relay.metric("deliveries_total{outcome=\"accepted\"}") == 1)
            }
        }

        @Test("405 with Allow, 404, 413 before the rest is read, 408 to who is slow, 431 and 400")
        func senders() async throws {
            try await withRelay(try RelayPlace(["http.max_body": "1KiB", "http.request_timeout": "300ms"])) { relay in
                for method in ["GET", "PUT", "DELETE"] {
                    let answer = try await Curl.request(["-X", method, relay.deliveries])
                    try expectProblem(answer, 405, "method_not_allowed")
                    #expect(answer.headers["allow"] == "POST")
                }
                let body = SampleUser(1).body(revision: 1)
                try expectProblem(try await Curl.deliver(body, to: relay.deliveries + "/other?token=t0ken"), 404, "not_found")
                #expect(try await eventually { relay.log.contains("path=/webhooks/argyle/other peer=") })
                #expect(relay.log.contains("code=not_found"))
                #expect(!relay.log.contains("t0ken"))
                let large = [UInt8](repeating: 0x20, count: 400_000)
                try expectProblem(try await Curl.deliver(large, to: relay.deliveries), 413, "body_too_large")
                let chunked = ["-H", "Transfer-Encoding: chunked"]
                try expectProblem(try await Curl.deliver(large, to: relay.deliveries, chunked), 413, "body_too_large")
                try expectProblem(try await Curl.beginDelivery("{", to: relay.deliveries), 408, "request_timeout")
                let headers = ["-H", "X-Long: \(String(repeating: "x", count: 70_000))"]
                try expectProblem(try await Curl.deliver(body, to: relay.deliveries, headers), 431, "headers_too_large")
                try expectProblem(
                    try await Curl.deliver(body, to: relay.deliveries, ["-H", "Content-Length: x"]),
                    400,
                    "malformed_request"
                )
                #expect(try await Curl.deliver(body, to: relay.deliveries + "/").status == 200)
            }
        }

        @Test("501 to another transfer coding and 505 to another version, both for good")
        func unsupported() async throws {
            try await withRelay(try RelayPlace()) { relay in
                let body = SampleUser(1).body(revision: 1)
                let coded = try await Curl.deliver(body, to: relay.deliveries, ["-H", "Transfer-Encoding: gzip"])
                try expectProblem(coded, 501, "transfer_encoding_unsupported")
                let other = try await Curl.request(["-X", "GET / HTTP/2.0\r\nHost: h\r\n\r\nGET", relay.deliveries])
                try expectProblem(other, 505, "http_version_unsupported")
                for answer in [coded, other] {
                    #expect(answer.headers["retry-after"] == nil)
                    #expect(answer.headers["connection"] == "close")
                }
                for code in ["transfer_encoding_unsupported", "http_version_unsupported"] {
                    #expect(try await relay.metric("deliveries_total{outcome=\"\(code)\"}") == 1)
                }
            }
        }

        @Test("who is refused for address, path or method is answered and closed; who only signed wrong keeps its connection")
        func closing() async throws {
            try await withRelay(try RelayPlace()) { relay in
                for (arguments, status) in [(["-X", "GET", relay.deliveries], 405), (["-d", "{}", relay.deliveries + "/other"], 404)] {
                    let answer = try await Curl.request(arguments)
                    #expect(answer.status == status)
                    #expect(answer.headers["connection"] == "close")
                }
                #expect(try await Curl.deliver([0x7b, 0x7d], to: relay.deliveries, secret: "another").headers["connection"] == nil)
                #expect(try await relay.metric("connections_closed_total{reason=\"refused\"}") == 2)
                #expect(try await Curl.request([relay.admin + "/nothing"]).headers["connection"] == "close")
            }
        }

        @Test("a connection on which nothing is ever sent is no delivery: nothing of it is logged, and it is counted apart")
        func silent() async throws {
            try await withRelay(try RelayPlace(["http.request_timeout": "300ms"])) { relay in
                let port = try #require(URL(string: relay.deliveries)?.port)
                let waiting = try await Command.run("bash", ["-c", "exec 3<>/dev/tcp/127.0.0.1/\(port); timeout 15 cat <&3"])
                #expect(waiting.status == 0 && waiting.output.isEmpty)
                try await Command.run("bash", ["-c", "exec 3<>/dev/tcp/127.0.0.1/\(port)"])
                #expect(try await eventually { try await relay.metric("connections_closed_total{reason=\"silent\"}") == 2 })
                #expect(try await relay.metric("deliveries_total{outcome=\"request_timeout\"}") == 0)
                #expect(!relay.log.contains("delivery rejected"))
            }
        }

        @Test("503 with Retry-After while the outbox is full, and known facts are still known")
        func full() async throws {
            try await withRelay(try RelayPlace(["outbox.max_pending": "1", "kafka.bootstrap_servers": "[\"127.0.0.1:1\"]"])) { relay in
                #expect(try await Curl.deliver(SampleUser(1).body(revision: 1), to: relay.deliveries).status == 200)
                let refused = try await Curl.deliver(SampleUser(2).body(revision: 1), to: relay.deliveries)
                try expectProblem(refused, 503, "outbox_full")
                #expect(try #require(refused.headers["retry-after"].flatMap { Int($0) }) > 0)
                let known = try await Curl.deliver(SampleUser(1).body(revision: 1), to: relay.deliveries)
                #expect(known.status == 200)
                #expect(try members(known)["status"] as? String == "duplicate")
                let readiness = try await relay.readiness()
                #expect(readiness.status == 503)
                #expect(readiness.text.contains(#""code":"outbox_full""#))
                await relay.end(SIGKILL)
            }
        }

        @Test("503 with Retry-After while the disk is low")
        func low() async throws {
            try await withRelay(try RelayPlace(["outbox.min_free_disk": "1000TiB"])) { relay in
                let refused = try await Curl.deliver(SampleUser(1).body(revision: 1), to: relay.deliveries)
                try expectProblem(refused, 503, "disk_low")
                #expect(refused.headers["retry-after"] != nil)
                #expect(try await relay.readiness().text.contains(#""code":"disk_low""#))
            }
        }
    }
}

func members(_ answer: Curl) throws -> [String: Any] {
    try #require(try JSONSerialization.jsonObject(with: Data(answer.body.utf8)) as? [String: Any])
}

/// RFC 9457: the media type, and the status and code as members; only a 503 asks to try again.
func expectProblem(_ answer: Curl, _ status: Int, _ code: String, _ location: SourceLocation = #_sourceLocation) throws {
    #expect(answer.status == status, sourceLocation: location)
    #expect(answer.headers["content-type"] == "application/problem+json", sourceLocation: location)
    let problem = try members(answer)
    #expect(problem["code"] as? String == code, sourceLocation: location)
    #expect(problem["status"] as? Int == status, sourceLocation: location)
    #expect((problem["title"] as? String)?.isEmpty == false, sourceLocation: location)
    #expect((answer.headers["retry-after"] != nil) == (status == 503), sourceLocation: location)
}
