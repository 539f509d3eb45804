import RelayConfiguration

/// Whether the largest delivery fits into a record: what does not becomes a dead letter after all.
struct SizeCheck {
    let configuration: RelayConfiguration
    /// An envelope's members beside the data, and a record's headers.
    static let envelope = 1024
    /// librdkafka's bound as the relay sets it, unless kafka.properties says otherwise.
    static let libraryDefault = 8 << 20

    /// The largest record that `http.max_body` lets come about.
    var largest: Int {
        let copies = configuration.envelope.includeRaw ? 2 : 1
        return configuration.http.maxBody * copies + Self.envelope
    }

    func finding(topic: String, limit: Int) -> Finding {
        let check = "max.message.bytes \(topic)"
        let library =
            configuration.kafka.properties.last { $0.name == "message.max.bytes" }.flatMap { Int($0.value) } ?? Self.libraryDefault
        if library < largest {
            return .warning(
                check,
                "librdkafka takes records up to \(library) bytes, and a delivery may make one of \(largest)",
                "raise message.max.bytes in kafka.properties, or lower http.max_body"
            )
        }
        if limit < largest {
            return .warning(
                check,
                "\(limit) bytes, and a delivery may make a record of \(largest) (before compression)",
                "raise it on the topic, or lower http.max_body; what does not fit becomes a dead entry"
            )
        }
        return .ok(check, "\(limit) bytes, enough for http.max_body")
    }
}
