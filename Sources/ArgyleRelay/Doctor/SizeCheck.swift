import RelayConfiguration

/// Whether the largest delivery fits into a record: what does not becomes dead after all.
struct SizeCheck {
    let configuration: RelayConfiguration
    /// What a produce request has beside its record; bytes.
    private static let request = 64 << 10

    /// - Parameter limit: `max.message.bytes` of the topic; where it is not set there, Kafka answers the brokers' own `message.max.bytes`.
    func finding(topic: String, limit: Int) -> Finding {
        let check = "max.message.bytes \(topic)"
        let largest = configuration.largestRecord
        let library = configuration.libraryRecordLimit
        if library < largest {
            return .warning(
                check,
                "librdkafka takes records up to \(library) bytes, and a delivery may make one of \(largest); the topic takes \(limit)",
                "raise message.max.bytes in kafka.properties, or lower http.max_body; what does not fit becomes a dead entry"
            )
        }
        if limit < largest {
            return .warning(
                check,
                "\(limit) bytes, and a delivery may make a record of \(largest) (before compression)",
                "raise it on the topic, or message.max.bytes of the brokers, or lower http.max_body; what does not fit becomes a dead entry"
            )
        }
        return .ok(check, "\(limit) bytes, and librdkafka's \(library): enough for http.max_body")
    }

    /// Nil where a broker takes requests as large as they may become.
    /// - Parameter limit: `socket.request.max.bytes` of the broker.
    func finding(broker: Int32, requestLimit limit: Int) -> Finding? {
        let largest = min(configuration.largestRecord, configuration.libraryRecordLimit) + Self.request
        guard limit < largest else { return nil }
        return .warning(
            "socket.request.max.bytes",
            "\(limit) bytes at broker \(broker), and a request may come to \(largest) (before compression)",
            "raise it on the brokers, or lower http.max_body: they close the connection on a larger one, and its user's events stand still"
        )
    }
}
