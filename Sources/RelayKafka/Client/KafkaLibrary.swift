import CRdKafka

/// The librdkafka that is linked at run time, which may be newer than the one that was compiled against.
package enum KafkaLibrary {
    /// Such as `2.0.2`.
    package static var version: String { String(cString: rd_kafka_version_str()) }

    /// Whether Kafka 4 refuses this library's SCRAM as invalid credentials: before 2.6.1 it sends the client's nonce twice (KIP-84,
    /// RFC 5802 section 5.1), and Kafka 4 compares strictly.
    package static var scramRefusedByKafka4: Bool { rd_kafka_version() < 0x0206_01ff }

    /// What is wrong with a library that is older than can be recommended, and what helps; nil for 2.10.0 and later. Until then a topic's error that
    /// arrives together with its partitions, as it does when brokers restart, can crash the client (confluentinc/librdkafka#4907).
    package static var ageWarning: String? {
        guard rd_kafka_version() < 0x020a_00ff else { return nil }
        return "librdkafka \(version) can crash when brokers restart: use 2.10.0 or later; what was answered 200 is on disk, and is "
            + "published after the next start"
    }

    /// What to say of a failed authentication that may be no fault of user and password; nil where this library is not to blame.
    /// - Parameters:
    ///   - code: of the error, as ``KafkaError`` has it.
    ///   - properties: the operator's, which tell whether SCRAM is in use.
    package static func scramHint(code: String, properties: [(String, String)]) -> String? {
        guard code == "authentication" || code == "sasl_authentication_failed", scramRefusedByKafka4,
            let mechanism = properties.last(where: { $0.0 == "sasl.mechanism" || $0.0 == "sasl.mechanisms" })?.1,
            mechanism.uppercased().hasPrefix("SCRAM-")
        else { return nil }
        return "Kafka 4 refuses \(mechanism) from librdkafka \(version) as invalid credentials even where user and password are right: "
            + "use librdkafka 2.6.1 or later, or SASL PLAIN over TLS"
    }
}
