import RelayCore

/// How a client reaches the cluster: addresses, the operator's librdkafka properties and a name for the brokers' logs. It refuses nothing
/// by itself: ``check(_:)`` does, and so does every client's `init`.
package struct KafkaSettings: Sendable {
    /// `host:port` each.
    package var bootstrapServers: [String]
    /// librdkafka properties in the operator's order; a later one wins. They win over the relay's defaults but never over its guarantees.
    package var properties: [(String, String)]
    /// `client.id`, shown in the brokers' logs and quotas.
    package var clientID: String

    package init(bootstrapServers: [String], properties: [(String, String)] = [], clientID: String = "argyle-relay") {
        self.bootstrapServers = bootstrapServers
        self.properties = properties
        self.clientID = clientID
    }
}

extension KafkaSettings {
    /// What the operator may change, and what the relay sets otherwise.
    static let producerDefaults: [(String, String)] = [
        ("compression.codec", "lz4"),
        // The added latency of a record; batches several of them into one request.
        ("linger.ms", "3"),
        // The brokers decide what is too large (after compression); http.max_body bounds what comes in.
        (messageLimitName, "\(RecordLimits.library)"),
        // A produce request of a few hundred bytes must not wait for the acknowledgement of the one before (RFC 896).
        ("socket.nagle.disable", "true"),
        // A topic that was missing or not authorised is refused until it has been looked at again: 5 minutes by default.
        ("topic.metadata.refresh.interval.ms", "5000"),
        ("topic.metadata.refresh.fast.interval.ms", "100"),
        // A missing topic fails as a retry after this long instead of 30 s.
        ("topic.metadata.propagation.max.ms", "5000"),
    ]

    static let clientDefaults: [(String, String)] = [
        ("reconnect.backoff.ms", "100"),
        // 10 s by default: an outage would last that much longer for the relay than for the brokers.
        ("reconnect.backoff.max.ms", "2000"),
        ("socket.keepalive.enable", "true"),
    ]

    /// What at-least-once in order rests on; set last, so that no property can undo it.
    static let producerGuarantees: [(String, String)] =
        [
            ("enable.idempotence", "true"),
            ("acks", "all"),
            // The outbox keeps what is not acknowledged: librdkafka must repeat, in order, for ever.
            ("message.timeout.ms", "0"),
            // Java's default, so that keys land where theirs do.
            ("partitioner", "murmur2_random"),
            // Bounds librdkafka's copy of the records, as do ``queueBounds``; the publisher's window is smaller.
            ("queue.buffering.max.messages", "100000"),
            ("log.queue", "true"),
        ] + neverMakesTopics

    /// A topic is made by whoever was told to, never by asking about it or by a first record. librdkafka's producers ask for that to be done.
    static let neverMakesTopics: [(String, String)] = [("allow.auto.create.topics", "false")]

    private static let messageLimitName = "message.max.bytes"

    /// Bytes of the largest record that the producer takes.
    var messageLimit: Int {
        properties.last { $0.0 == Self.messageLimitName }.flatMap { Int($0.1) } ?? RecordLimits.library
    }

    /// A queue that any one record fits into: one that does not is refused as if the queue were full, for ever.
    var queueBounds: [(String, String)] {
        let (name, usual) = ("queue.buffering.max.kbytes", 262_144)
        return [(name, "\(max(usual, messageLimit / 1024 + 1))")]
    }

    /// A reader holds at most this much ahead of its caller.
    static let readerDefaults: [(String, String)] = [
        ("queued.min.messages", "1000"),
        ("queued.max.messages.kbytes", "16384"),
        ("fetch.wait.max.ms", "100"),
        ("topic.metadata.refresh.interval.ms", "30000"),
    ]

    /// A reader joins no group, commits nothing, creates no topic by asking for it, and says when it has reached the end.
    static let readerGuarantees: [(String, String)] =
        [
            ("enable.auto.commit", "false"),
            ("enable.auto.offset.store", "false"),
            ("auto.commit.enable", "false"),
            ("enable.partition.eof", "true"),
            ("auto.offset.reset", "earliest"),
            ("log.queue", "true"),
        ] + neverMakesTopics

    /// Sent without company, so that a broker's refusal can only mean this one record.
    static let isolation: [(String, String)] = [("batch.num.messages", "1"), ("linger.ms", "0")]

    /// See ``WriteProbe``.
    static let writeProbe: [(String, String)] =
        [
            ("enable.idempotence", "false"),
            ("acks", "2"),
            ("message.send.max.retries", "0"),
            ("message.timeout.ms", "10000"),
            ("compression.codec", "none"),
            ("linger.ms", "0"),
            ("log.queue", "true"),
        ] + neverMakesTopics
}
