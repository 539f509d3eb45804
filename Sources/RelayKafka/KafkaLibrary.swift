import CRdKafka

/// The librdkafka that is linked at run time, which may be newer than the one that was compiled against.
package enum KafkaLibrary {
    /// Such as `2.0.2`.
    package static var version: String { String(cString: rd_kafka_version_str()) }

    /// Whether Kafka 4 refuses this library's SCRAM as invalid credentials: before 2.6.1 it sends the client's nonce twice (KIP-84,
    /// RFC 5802 section 5.1), and Kafka 4 compares strictly.
    package static var scramRefusedByKafka4: Bool { rd_kafka_version() < 0x0206_01ff }
}
