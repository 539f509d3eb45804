import FoundationEssentials
import RelayCore
import RelayKafka

/// A record of one of the relay's topics as `tail` understands it: an event in either envelope mode, a dead letter, or somebody else's.
enum TailedRecord {
    /// `envelope` is the structured form, whichever mode the record was in.
    case event(envelope: [UInt8])
    case deadLetter(code: String, detail: String, receivedAt: String)
    case foreign

    /// The record's own headers decide, not the relay's configuration: a topic may hold records of both modes.
    init(_ record: ConsumedRecord) {
        let headers = RecordHeaders(record)
        if let code = headers["relay-error-code"] {
            self = .deadLetter(code: code, detail: headers["relay-error-detail"] ?? "", receivedAt: headers["relay-received-at"] ?? "")
        } else if headers["content-type"]?.lowercased().hasPrefix("application/cloudevents+json") == true {
            self = .event(envelope: record.value ?? [])
        } else if headers["ce_specversion"] != nil {
            self = .event(envelope: Self.structured(headers, data: record.value ?? []))
        } else {
            self = .foreign
        }
    }

    /// CloudEvents' JSON Event Format 1.0.2 of a record in binary mode, in the order of section 5 of the contract.
    private static func structured(_ headers: RecordHeaders, data: [UInt8]) -> [UInt8] {
        var json = JSONWriter(reserving: data.count + 512)
        json.raw("{")
        var isFirst = true
        func member(_ name: String, _ value: String) {
            if !isFirst { json.raw(",") }
            isFirst = false
            json.string(name)
            json.raw(":")
            json.string(value)
        }
        let order = ["specversion", "id", "source", "type", "subject", "time"]
        for name in order { if let value = headers["ce_" + name] { member(name, value) } }
        if let type = headers["content-type"] { member("datacontenttype", type) }
        for (name, value) in headers.all where name.hasPrefix("ce_") && !order.contains(String(name.dropFirst(3))) {
            member(String(name.dropFirst(3)), value)
        }
        json.raw(#","data":"#)
        json.raw(data.isEmpty ? Array("null".utf8) : data)
        json.raw("}")
        return json.bytes
    }
}

/// A record's headers as text, the last of a name winning.
struct RecordHeaders {
    let all: [(name: String, value: String)]

    init(_ record: ConsumedRecord) {
        all = record.headers.map { ($0.name, String(decoding: $0.value, as: UTF8.self)) }
    }

    subscript(name: String) -> String? { all.last { $0.name == name }?.value }
}

/// The members of an envelope that a line shows.
struct TailedEnvelope: Decodable {
    struct Content: Decodable {
        var account: String?
        var accounts_connected: [String]?
        var accounts_added: [String]?
        var accounts_removed: [String]?
        var change: String?
        var revision: Int64?
    }

    var id: String
    var type: String
    var subject: String?
    var time: String?
    /// Nil where `data` has another shape, which the line then says nothing of.
    var data: Content?

    private enum CodingKeys: CodingKey { case id, type, subject, time, data }

    init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        id = try container.decode(String.self, forKey: .id)
        type = try container.decode(String.self, forKey: .type)
        subject = try container.decodeIfPresent(String.self, forKey: .subject)
        time = try container.decodeIfPresent(String.self, forKey: .time)
        data = try? container.decodeIfPresent(Content.self, forKey: .data)
    }
}
