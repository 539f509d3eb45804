import RelayTestSupport
import Testing

/// What `doctor` says without a broker; with one, see `KafkaToolsTests`.
@Suite("argyle-relay doctor", .timeLimit(.minutes(2)))
struct DoctorTests {
    private let secret = ["RELAY_SIGNATURE_SECRETS": "[a-secret-that-is-not-to-be-seen]"]

    @Test("a broken configuration is a failure, one line a fault")
    func configuration() async throws {
        let run = try await ToolRun("doctor", "--set", "kafka.topics=x", "--set", "http.port=x", environment: secret)
        #expect(run.code == 1)
        #expect(run.lines.count == 2 && run.lines.allSatisfy { $0.hasPrefix("failed") })
    }

    @Test("an unreachable Kafka is a failure that says why, the other checks go on, and JSON says the same")
    func unreachable() async throws {
        let run = try await ToolRun(
            "doctor",
            "--json",
            "--set",
            "kafka.bootstrap_servers=127.0.0.1:1",
            "--set",
            "signature.required=false",
            environment: secret
        )
        #expect(run.code == 1)
        #expect(run.output.contains("Connection refused"), "\(run.output)")
        #expect(run.output.contains(#""check" : "disk.fsync""#) && run.output.contains(#""verdict" : "failed""#))
        #expect(run.output.contains("anyone who reaches the listener can deliver"))
        #expect(!run.output.contains("not-to-be-seen"))
    }

    @Test("the embedded broker and what others can read are warnings, a reachable admin listener with a short token is a failure")
    func exposure() async throws {
        let fine = try await ToolRun("doctor", environment: secret)
        #expect(fine.code == 0 && fine.output.contains("embedded"))
        let exposed = try await ToolRun(
            "doctor",
            "--set",
            "admin.host=0.0.0.0",
            environment: secret.merging(["RELAY_ADMIN_TOKEN": "short-token"]) { $1 }
        )
        #expect(exposed.code == 1 && exposed.output.contains("can be reached from elsewhere"))
        #expect(!exposed.output.contains("short-token"))
    }
}
