import RelayMetrics
import Testing

@Suite("The relay's meters", .timeLimit(.minutes(5)))
struct RelayMetersTests {
    @Test("bear the names of section 8 of the contract, each once")
    func names() {
        let registry = MetricsRegistry()
        let deliveries = DeliveryMeters(registry, outcomes: ["accepted"])
        let outbox = OutboxMeters(registry)
        let publishing = PublishMeters(registry)
        deliveries.deliveries["accepted"].add()
        deliveries.secretMatches["1"].add()
        outbox.committed(entries: 3, in: .milliseconds(2))
        publishing.published["argyle.users.fully-synced"].add()
        publishing.failures["timed_out"].add()
        let text = registry.text()
        for line in [
            #"argyle_relay_deliveries_total{outcome="accepted"} 1"#,
            "argyle_relay_delivery_duration_seconds_count 0",
            #"argyle_relay_signature_secret_matches_total{secret="1"} 1"#,
            #"argyle_relay_outbox_commit_duration_seconds_bucket{le="0.0025"} 1"#,
            #"argyle_relay_outbox_commit_batch_size_bucket{le="2"} 0"#,
            #"argyle_relay_outbox_commit_batch_size_bucket{le="4"} 1"#,
            #"argyle_relay_published_total{topic="argyle.users.fully-synced"} 1"#,
            #"argyle_relay_publish_failures_total{code="timed_out"} 1"#,
            "argyle_relay_publish_latency_seconds_count 0",
        ] {
            #expect(text.split(separator: "\n").contains(Substring(line)), "\(line)")
        }
        let heads = text.split(separator: "\n").filter { $0.hasPrefix("# TYPE") }
        #expect(Set(heads).count == heads.count)
    }
}
