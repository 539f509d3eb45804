import RelayCore

/// Entries as the outbox hands them over.
enum SampleEntry {
    static let start = Timestamp(milliseconds: 1_795_425_175_123)

    static func sync(_ sequence: Int64, user: String? = "user-1", topic: String = "t") throws -> OutboxEntry {
        let topic = try TopicName.named(topic)
        let id = EventID(naming: Array("\(sequence)".utf8))
        guard let user else {
            let letter = DeadLetter(code: "c", detail: "d", receivedAt: start, body: [1])
            return OutboxEntry(sequence: sequence, id: id, topic: topic, content: .deadLetter(letter))
        }
        let envelope = Envelope(
            id: id,
            source: "s",
            event: .usersFullySynced,
            user: UserID(user),
            time: start,
            subscription: nil,
            data: Array("{}".utf8)
        )
        return OutboxEntry(sequence: sequence, id: id, topic: topic, content: .event(envelope))
    }
}

extension TopicName {
    struct NoName: Error {}

    static func named(_ text: String) throws -> TopicName {
        guard let topic = TopicName(text) else { throw NoName() }
        return topic
    }
}
