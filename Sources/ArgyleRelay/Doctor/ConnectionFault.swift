import RelayKafka

/// What librdkafka says of a connection that fails, and what its codes mean to an operator.
enum ConnectionFault {
    /// The more telling of two: that all brokers are down comes after the reason and says less.
    static func better(_ known: KafkaError?, _ new: KafkaError) -> KafkaError {
        guard let known else { return new }
        return rank(new.code) > rank(known.code) ? new : known
    }

    /// A line of librdkafka's log that tells why a connection failed; nil for other lines.
    static func reading(facility: String, message: String) -> KafkaError? {
        guard facility == "FAIL" else { return nil }
        // `[thrd:…]: name: reason`
        let words = message.firstRange(of: "]: ").map { message[$0.upperBound...] } ?? message[...]
        return KafkaError(code: "transport", detail: String(words))
    }

    private static func rank(_ code: String) -> Int {
        switch code {
        case "timed_out": 0
        case "all_brokers_down": 1
        case "transport": 2
        default: 3
        }
    }

    /// Which check has failed.
    static func check(_ code: String) -> String {
        switch code {
        case "authentication", "sasl_authentication_failed", "unsupported_sasl_mechanism", "illegal_sasl_state": "kafka.authentication"
        case "ssl": "kafka.tls"
        default: "kafka.connection"
        }
    }

    static func advice(_ code: String) -> String {
        switch code {
        case "authentication", "sasl_authentication_failed":
            "the brokers refuse the login: compare sasl.username, sasl.password and sasl.mechanism in kafka.properties with what they expect"
        case "unsupported_sasl_mechanism": "set sasl.mechanism in kafka.properties to one that the brokers enable"
        case "ssl":
            "compare ssl.ca.location in kafka.properties with the brokers' certificate, and the names in it with kafka.bootstrap_servers"
        case "resolve": "the name does not resolve from here: look at kafka.bootstrap_servers and DNS"
        case "cluster_authorization_failed", "transactional_id_authorization_failed":
            "the brokers refuse an idempotent producer: grant Write on the topics or, before Kafka 2.8, IdempotentWrite on the cluster"
        default:
            "look at kafka.bootstrap_servers, at firewalls, and whether the brokers run; a broker that wants TLS or SASL shows like this, too "
                + "(security.protocol in kafka.properties)"
        }
    }
}
