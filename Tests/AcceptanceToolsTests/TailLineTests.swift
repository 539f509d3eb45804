import FoundationEssentials
import RelayCore
import Testing

@testable import ArgyleRelay
@testable import RelayKafka

@Suite("A line of tail", .timeLimit(.minutes(5)))
struct TailLineTests {
    private func consumed(_ message: KafkaMessage) -> ConsumedRecord {
        ConsumedRecord(
            topic: message.topic,
            partition: 3,
            offset: 17,
            key: message.key,
            value: message.value,
            headers: message.headers,
            timestamp: message.timestamp
        )
    }

    @Test("is the same for both envelope modes, and tells who, what, how it changed and where it is")
    func modes() throws {
        let structured = consumed(try SampleRecords.event(.structured))
        let binary = consumed(try SampleRecords.event(.binary))
        let line = TailLine.text(structured)
        #expect(
            line.hasPrefix(
                "2023-11-14T22:13:20.123Z users.fully_synced user=018051aa-f7a9-a0db-2f38-6cfa325e9d69 initial r1 accounts=2 +2/-0 id="
            )
        )
        #expect(line.hasSuffix(" events 3@17"))
        #expect(TailLine.text(binary) == line)
    }

    @Test("as JSON is the whole envelope on one line, the same for both modes but for the order of members")
    func json() throws {
        let lines = try [Envelope.Mode.structured, .binary].map { TailLine.json(consumed(try SampleRecords.event($0))) }
        for line in lines { #expect(!line.contains(0x0A)) }
        let members = try lines.map { try JSONDecoder().decode([String: AnyJSON].self, from: Data($0)) }
        #expect(members[0] == members[1])
        #expect(
            Set(members[0].keys).isSuperset(of: ["specversion", "id", "subject", "dataschema", "partitionkey", "subscription", "data"])
        )
        // Numbers keep their digits.
        #expect(String(decoding: lines[1], as: UTF8.self).contains(#""n": 1.50"#))
    }

    @Test("shows dead letters with their code, replays with their id, and what is not ours")
    func others() throws {
        let letter = consumed(try SampleRecords.deadLetter())
        #expect(
            TailLine.text(letter)
                == "2023-11-14T22:13:20.456Z DEAD-LETTER code=not_json \"unexpected_byte at byte 0\" 6 bytes dead 3@17"
        )
        #expect(String(decoding: TailLine.json(letter), as: UTF8.self).contains(#""code":"not_json""#))
        #expect(String(decoding: TailLine.json(letter), as: UTF8.self).contains(#""body":"<html>""#))
        #expect(TailLine.text(consumed(try SampleRecords.event(.binary, replay: "r-1"))).contains(" replay=r-1 "))
        let foreign = ConsumedRecord(topic: "t", partition: 0, offset: 0, key: nil, value: [0xFF], headers: [], timestamp: nil)
        #expect(TailLine.text(foreign) == "- FOREIGN 1 bytes that are not the relay's t 0@0")
        #expect(
            String(decoding: TailLine.json(foreign), as: UTF8.self).contains(#""body_base64":"\/w==""#)
                || String(decoding: TailLine.json(foreign), as: UTF8.self).contains(#""body_base64":"/w==""#)
        )
    }

    @Test("cannot be broken by what came from outside")
    func hostile() throws {
        let record = ConsumedRecord(
            topic: "t",
            partition: 0,
            offset: 0,
            key: nil,
            value: Array("x".utf8),
            headers: [
                KafkaHeader(name: "relay-error-code", text: "a\nb\u{1B}[2J"), KafkaHeader(name: "relay-error-detail", text: "\u{202E}"),
            ],
            timestamp: nil
        )
        #expect(TailLine.text(record) == "- DEAD-LETTER code=a\u{FFFD}b\u{FFFD}[2J \"\u{FFFD}\" 1 bytes t 0@0")
        for value in ["", "{", "null", "{\"id\":1}"] {
            let odd = ConsumedRecord(
                topic: "t",
                partition: 0,
                offset: 0,
                key: nil,
                value: Array(value.utf8),
                headers: [KafkaHeader(name: "content-type", text: "application/cloudevents+json")],
                timestamp: 0
            )
            #expect(TailLine.text(odd).contains("UNREADABLE"))
        }
    }

    @Test("concerns a user by the record's key, or its subject where there is none")
    func users() throws {
        let user = try #require(UserID(SampleRecords.user))
        let other = try #require(UserID("other"))
        let record = consumed(try SampleRecords.event(.structured))
        #expect(TailLine.concerns(user, record) && !TailLine.concerns(other, record))
        #expect(!TailLine.concerns(user, consumed(try SampleRecords.deadLetter())))
    }
}

/// JSON to be compared regardless of the order of members.
private enum AnyJSON: Decodable, Equatable {
    case object([String: AnyJSON])
    case array([AnyJSON])
    case text(String)
    case number(Double)
    case flag(Bool)
    case null

    init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        if container.decodeNil() {
            self = .null
        } else if let object = try? container.decode([String: AnyJSON].self) {
            self = .object(object)
        } else if let array = try? container.decode([AnyJSON].self) {
            self = .array(array)
        } else if let flag = try? container.decode(Bool.self) {
            self = .flag(flag)
        } else if let number = try? container.decode(Double.self) {
            self = .number(number)
        } else {
            self = .text(try container.decode(String.self))
        }
    }
}
