import RelayCore
import Testing

@Suite("A record", .timeLimit(.minutes(5)))
struct KafkaRecordTests {
    private func headers(_ record: KafkaRecord) -> [String: String] {
        Dictionary(record.headers.map { ($0.name, String(decoding: $0.value, as: UTF8.self)) }, uniquingKeysWith: { $0 + " twice " + $1 })
    }

    private func entry(_ body: String, replay: String? = nil, origin: String? = nil) throws -> OutboxEntry {
        let envelope = try EnvelopeTests.envelope(body, origin: origin)
        let topic = try #require(TopicName("argyle.users.fully-synced"))
        return OutboxEntry(sequence: 7, id: envelope.id, topic: topic, content: .event(envelope), replay: replay)
    }

    private let common = [
        "ce_specversion": "1.0", "ce_id": "fa921d79-d87c-5bb0-b847-26701c0be957", "ce_source": "https://api.argyle.com/v2",
        "ce_type": "com.argyle.users.fully_synced", "ce_subject": Sample.user, "ce_time": "2026-11-23T09:12:55.123Z",
    ]

    @Test("in structured mode has the envelope as value and these headers, no others")
    func structured() throws {
        let entry = try entry(Sample.argyle)
        let record = KafkaRecord(entry, mode: .structured)
        #expect(record.topic.text == "argyle.users.fully-synced")
        #expect(text(record.key) == Sample.user)
        #expect(record.timestamp == Sample.receivedAt)
        #expect(text(record.value)?.hasPrefix(#"{"specversion":"1.0","id":"#) == true)
        #expect(headers(record) == common.merging(["content-type": "application/cloudevents+json; charset=UTF-8"]) { $1 })
    }

    @Test("in binary mode has data as value and every attribute as header")
    func binary() throws {
        let entry = try entry(Sample.argyle)
        let record = KafkaRecord(entry, mode: .binary)
        guard case .event(let envelope) = entry.content else { return }
        #expect(record.value == envelope.data)
        #expect(text(record.key) == Sample.user)
        let more = [
            "content-type": "application/json", "ce_dataschema": "urn:argyle-relay:users.fully_synced:1", "ce_partitionkey": Sample.user,
            "ce_subscription": "name-for-the-webhook-subscription",
        ]
        #expect(headers(record) == common.merging(more) { $1 })
    }

    @Test("without a user has no key, subject or partition key", arguments: Envelope.Mode.allCases)
    func userless(mode: Envelope.Mode) throws {
        let record = KafkaRecord(try entry(#"{"event":"a.b","data":1}"#), mode: mode)
        #expect(record.key == nil)
        #expect(
            headers(record)["ce_subject"] == nil && headers(record)["ce_partitionkey"] == nil && headers(record)["ce_subscription"] == nil
        )
    }

    @Test("of an event that Argyle did not deliver has its origin as an attribute")
    func origin() throws {
        let entry = try entry(Sample.argyle, origin: "reconcile")
        #expect(headers(KafkaRecord(entry, mode: .binary))["ce_origin"] == "reconcile")
        #expect(headers(KafkaRecord(entry, mode: .structured))["ce_origin"] == nil)
    }

    @Test("of a replay says which one", arguments: Envelope.Mode.allCases)
    func replay(mode: Envelope.Mode) throws {
        let record = KafkaRecord(try entry(Sample.argyle, replay: "r-1"), mode: mode)
        #expect(headers(record)["relay-replay"] == "r-1")
        #expect(headers(KafkaRecord(try entry(Sample.argyle), mode: mode))["relay-replay"] == nil)
    }

    @Test("is never from later than now, whatever clock stamped its receipt")
    func timestamp() throws {
        let entry = try entry(Sample.argyle)
        let ahead = Sample.receivedAt.advanced(by: .seconds(-7200))
        #expect(KafkaRecord(entry, mode: .structured, at: ahead).timestamp == ahead)
        #expect(KafkaRecord(entry, mode: .structured, at: Sample.receivedAt.advanced(by: .seconds(60))).timestamp == Sample.receivedAt)
        #expect(headers(KafkaRecord(entry, mode: .structured, at: ahead))["ce_time"] == "2026-11-23T09:12:55.123Z")
    }

    @Test("is from now when it was received longer ago than allowed; its envelope's time stays the receipt")
    func maxAge() throws {
        let entry = try entry(Sample.argyle, replay: "r-1")
        let now = Sample.receivedAt.advanced(by: .seconds(3600))
        #expect(KafkaRecord(entry, mode: .structured, at: now, maxAge: .seconds(3600)).timestamp == Sample.receivedAt)
        let late = KafkaRecord(entry, mode: .structured, at: now, maxAge: .seconds(3599))
        #expect(late.timestamp == now && headers(late)["ce_time"] == "2026-11-23T09:12:55.123Z")
        #expect(KafkaRecord(entry, mode: .structured, at: now, maxAge: .zero).timestamp == now)
        #expect(KafkaRecord(entry, mode: .structured, at: Sample.receivedAt, maxAge: .zero).timestamp == Sample.receivedAt)
    }

    @Test("of a dead letter is the body as delivered, without a key", arguments: Envelope.Mode.allCases)
    func deadLetter(mode: Envelope.Mode) throws {
        let letter = DeadLetter(code: "not_json", detail: "unexpected_byte at byte 0", receivedAt: Sample.receivedAt, body: [0xFF, 0x00])
        let topic = try #require(TopicName("argyle.dead-letter"))
        let entry = OutboxEntry(sequence: 1, id: EventID(naming: [1]), topic: topic, content: .deadLetter(letter))
        let record = KafkaRecord(entry, mode: mode)
        #expect(record.key == nil && record.value == [0xFF, 0x00] && record.timestamp == Sample.receivedAt)
        #expect(entry.user == nil)
        #expect(
            headers(record) == [
                "relay-error-code": "not_json", "relay-error-detail": "unexpected_byte at byte 0",
                "relay-received-at": "2026-11-23T09:12:55.123Z",
            ]
        )
    }
}
