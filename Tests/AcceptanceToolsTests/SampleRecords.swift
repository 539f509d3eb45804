import RelayCore
import RelayKafka

@testable import ArgyleRelay

/// Records as the relay writes them, in both modes, and a dead letter.
enum SampleRecords {
    static let user = "018051aa-f7a9-a0db-2f38-6cfa325e9d69"

    static func event(_ mode: Envelope.Mode, user: String = user, replay: String? = nil) throws -> KafkaMessage {
        let body = """
            {"event":"users.fully_synced","name":"hook","data":{"user":"\(user)","resource":{"id":"\(user)",
            "accounts_connected":["A2","a1"],"items_connected":["item_1"],"external_metadata":{"n": 1.50,
            "x":"\\u0001"},"external_id":null,"employers_connected":["Whole Goods"],"created_at":"2023-04-27T07:02:01.279Z"}}}
            """
        let verified = try SignatureVerifier(secrets: [], required: false).verify(
            Delivery(body: Array(body.utf8), signature: nil, receivedAt: Timestamp(milliseconds: 1_700_000_000_123))
        )
        let event = try EventDecoder().decode(verified)
        let fact = Fact(recognising: event)
        let transition = Transition(from: nil, to: ConnectedSet(accounts: ["a1", "a2"].compactMap(AccountID.init)))
        let envelope = Envelope(
            id: fact.id,
            source: "https://api.argyle.com/v2",
            event: .usersFullySynced,
            user: UserID(user),
            time: verified.receivedAt,
            subscription: "hook",
            data: EnvelopeData.make(of: event, transition: transition, includesRaw: false)
        )
        return message(OutboxEntry(sequence: 1, id: fact.id, topic: try topic("events"), content: .event(envelope), replay: replay), mode)
    }

    static func deadLetter() throws -> KafkaMessage {
        let letter = DeadLetter(
            code: "not_json",
            detail: "unexpected_byte at byte 0",
            receivedAt: Timestamp(milliseconds: 1_700_000_000_456),
            body: Array("<html>".utf8)
        )
        let fact = Fact(
            unreadable: Unreadable(.notJSON, letter.detail),
            in: try SignatureVerifier(secrets: [], required: false).verify(
                Delivery(body: letter.body, signature: nil, receivedAt: letter.receivedAt)
            )
        )
        return message(OutboxEntry(sequence: 2, id: fact.id, topic: try topic("dead"), content: .deadLetter(letter)), .structured)
    }

    private struct NoTopic: Error {}

    private static func topic(_ name: String) throws -> TopicName {
        guard let topic = TopicName(name) else { throw NoTopic() }
        return topic
    }

    private static func message(_ entry: OutboxEntry, _ mode: Envelope.Mode) -> KafkaMessage {
        let record = KafkaRecord(entry, mode: mode)
        return KafkaMessage(
            topic: record.topic.text,
            key: record.key,
            value: record.value,
            headers: record.headers.map { KafkaHeader(name: $0.name, value: $0.value) },
            timestamp: record.timestamp.milliseconds,
            token: entry.sequence
        )
    }
}
