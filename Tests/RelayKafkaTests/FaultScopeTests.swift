import Testing

@testable import RelayKafka

@Suite("FaultScope", .timeLimit(.minutes(5)))
struct FaultScopeTests {
    /// Everything that is not listed is the cluster's fault and sent again.
    private static let records: [Int32: String] = [
        -162: "key_serialization", -161: "value_serialization", 2: "invalid_msg", 4: "invalid_msg_size", 10: "msg_size_too_large",
        18: "record_list_too_large", 43: "unsupported_for_message_format", 44: "policy_violation",
        87: "invalid_record",
    ]
    private static let producers: [Int32: String] = [-150: "fatal", -148: "gapless_guarantee", -144: "fenced", 90: "producer_fenced"]

    @Test("every code that librdkafka can ever give is either listed or sent again")
    func table() {
        for code in Int32(-300)...300 where code != 0 {
            let expected: FaultScope =
                Self.records[code] != nil ? .record : Self.producers[code] != nil ? .producer : code == 32 ? .timestamp : .cluster
            #expect(FaultScope(code: code) == expected, "\(code)")
        }
    }

    @Test(
        "faults of the cluster and its configuration are retried",
        arguments: [
            (Int32(-195), "transport"), (-193, "resolve"), (-192, "msg_timed_out"), (-190, "unknown_partition"), (-188, "unknown_topic"),
            (-187, "all_brokers_down"), (-185, "timed_out"), (-184, "queue_full"), (-181, "ssl"), (-169, "authentication"),
            (-166, "timed_out_queue"), (-152, "purge_queue"), (-151, "purge_inflight"), (-1, "unknown"), (3, "unknown_topic_or_part"),
            (5, "leader_not_available"), (6, "not_leader_for_partition"), (7, "request_timed_out"), (13, "network_exception"),
            (14, "coordinator_load_in_progress"), (17, "topic_exception"), (19, "not_enough_replicas"),
            (20, "not_enough_replicas_after_append"), (29, "topic_authorization_failed"), (32, "invalid_timestamp"),
            (31, "cluster_authorization_failed"),
            (45, "out_of_order_sequence_number"), (56, "kafka_storage_error"), (58, "sasl_authentication_failed"),
            (59, "unknown_producer_id"), (76, "unsupported_compression_type"), (89, "throttling_quota_exceeded"),
            (-138, KafkaLibrary.version == "2.0.2" ? "unknown_-138" : "invalid_different_record"), (999, "unknown_999"),
        ] as [(Int32, String)]
    )
    func cluster(code: Int32, name: String) {
        guard case .retry(name, let detail) = PublishOutcome.failed(code: code) else {
            Issue.record("\(PublishOutcome.failed(code: code))")
            return
        }
        #expect(!detail.isEmpty)
        guard case .fatal(name, _) = PublishOutcome.failed(code: code, producerIsFatal: true) else {
            Issue.record("a broken producer cannot try again")
            return
        }
    }

    @Test("faults of the record are dead, under librdkafka's name, whatever the producer's state")
    func record() {
        for (code, name) in Self.records {
            for fatal in [false, true] {
                guard case .dead(name, _) = PublishOutcome.failed(code: code, producerIsFatal: fatal) else {
                    Issue.record("\(code) \(PublishOutcome.failed(code: code))")
                    continue
                }
            }
        }
    }

    @Test("faults of the producer are fatal")
    func producer() {
        for (code, name) in Self.producers {
            guard case .fatal(name, _) = PublishOutcome.failed(code: code) else {
                Issue.record("\(code) \(PublishOutcome.failed(code: code))")
                continue
            }
        }
    }

    @Test("no two codes share a name")
    func names() {
        var names: [String: Int32] = [:]
        for code in Int32(-200)...150 where code != 0 {
            guard case .retry(let name, _) = PublishOutcome.failed(code: code) else { continue }
            #expect(names.updateValue(code, forKey: name) == nil, "\(name)")
        }
    }
}
