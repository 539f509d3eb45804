/// What librdkafka's codes for a failed connection mean to an operator.
enum ConnectionFault {
    static func isVague(_ code: String?) -> Bool { ["transport", "all_brokers_down", "timed_out", nil].contains(code) }

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
