/// A record as Kafka takes it: CloudEvents' Kafka protocol binding 1.0.2, or a dead letter.
package struct KafkaRecord: Sendable {
    package let topic: TopicName
    /// The user's id, so that one user's events share a partition; nil where there is no user.
    package let key: [UInt8]?
    package let value: [UInt8]
    package let headers: [(name: String, value: [UInt8])]
    package let timestamp: Timestamp

    /// - Parameters:
    ///   - now: when it is sent. The receipt may have been stamped by a clock that was ahead: no record is from later than now.
    ///   - maxAge: what was received longer ago than this is from now: Kafka deletes by the timestamp.
    package init(_ entry: OutboxEntry, mode: Envelope.Mode, at now: Timestamp? = nil, maxAge: Duration? = nil) {
        topic = entry.topic
        timestamp = Self.timestamp(of: entry.receivedAt, at: now ?? entry.receivedAt, maxAge: maxAge)
        var headers: [(name: String, value: [UInt8])]
        switch entry.content {
        case .event(let envelope):
            key = envelope.user.map { Array($0.text.utf8) }
            value = mode == .structured ? envelope.structured() : envelope.data
            headers = Self.headers(of: envelope, mode: mode)
        case .deadLetter(let letter):
            key = nil
            value = letter.body
            headers = [
                ("relay-error-code", Array(letter.code.utf8)),
                ("relay-error-detail", Array(letter.detail.utf8)),
                ("relay-received-at", letter.receivedAt.rfc3339),
            ]
        }
        if let replay = entry.replay { headers.append(("relay-replay", Array(replay.utf8))) }
        self.headers = headers
    }

    package static func timestamp(of receipt: Timestamp, at now: Timestamp, maxAge: Duration?) -> Timestamp {
        if let maxAge, now.elapsed(since: receipt) > maxAge { return now }
        return min(receipt, now)
    }

    private static func headers(of envelope: Envelope, mode: Envelope.Mode) -> [(name: String, value: [UInt8])] {
        let contentType =
            mode == .structured ? "application/cloudevents+json; charset=UTF-8" : "application/json"
        var headers: [(name: String, value: [UInt8])] = [
            ("content-type", Array(contentType.utf8)),
            ("ce_specversion", Array("1.0".utf8)),
            ("ce_id", Array(envelope.id.description.utf8)),
            ("ce_source", Array(envelope.source.utf8)),
            ("ce_type", Array(envelope.type.utf8)),
            ("ce_time", envelope.time.rfc3339),
        ]
        if let user = envelope.user { headers.append(("ce_subject", Array(user.text.utf8))) }
        guard mode == .binary else { return headers }
        headers.append(("ce_dataschema", Array(Envelope.schema(of: envelope.event).utf8)))
        if let user = envelope.user { headers.append(("ce_partitionkey", Array(user.text.utf8))) }
        if let subscription = envelope.subscription { headers.append(("ce_subscription", Array(subscription.utf8))) }
        if let origin = envelope.origin { headers.append(("ce_origin", Array(origin.utf8))) }
        return headers
    }
}
