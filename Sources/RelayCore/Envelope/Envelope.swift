/// The attributes of one CloudEvent (CloudEvents 1.0.2, section "Context Attributes") as the relay gives them.
///
/// Structured and binary mode are two spellings of the same attributes and the same `data`.
package struct Envelope: Sendable {
    package enum Mode: String, Sendable, CaseIterable {
        case structured
        case binary
    }

    package let id: EventID
    package let source: String
    package let event: EventName
    package let user: UserID?
    package let time: Timestamp
    package let subscription: String?
    /// Where the event comes from, when Argyle did not deliver it.
    package let origin: String?
    /// JSON.
    package let data: [UInt8]

    package init(
        id: EventID,
        source: String,
        event: EventName,
        user: UserID?,
        time: Timestamp,
        subscription: String?,
        origin: String? = nil,
        data: [UInt8]
    ) {
        self.id = id
        self.source = source
        self.event = event
        self.user = user
        self.time = time
        self.subscription = subscription.flatMap(Self.attributeValue)
        self.origin = origin.flatMap(Self.attributeValue)
        self.data = data
    }

    package var type: String { "com.argyle." + event.text }

    package static func schema(of event: EventName) -> String { "urn:argyle-relay:\(event.text):1" }

    /// The structured mode's JSON (JSON Event Format 1.0.2).
    package func structured() -> [UInt8] {
        var json = JSONWriter(reserving: data.count + 512)
        json.raw(#"{"specversion":"1.0","id":""#)
        json.raw(id.description.utf8)
        json.raw(#"","source":"#)
        json.string(source)
        json.raw(#","type":"#)
        json.string(type)
        if let user {
            json.raw(#","subject":"#)
            json.string(user.text)
        }
        json.raw(#","time":""#)
        json.raw(time.rfc3339)
        json.raw(#"","datacontenttype":"application/json","dataschema":"#)
        json.string(Self.schema(of: event))
        if let user {
            json.raw(#","partitionkey":"#)
            json.string(user.text)
        }
        if let subscription {
            json.raw(#","subscription":"#)
            json.string(subscription)
        }
        if let origin {
            json.raw(#","origin":"#)
            json.string(origin)
        }
        json.raw(#","data":"#)
        json.raw(data)
        json.raw("}")
        return json.bytes
    }

    /// A CloudEvents String holds neither control characters nor noncharacters, and an attribute that is present is not empty.
    private static func attributeValue(_ text: String) -> String? {
        if text.utf8.allSatisfy({ (0x20..<0x7F).contains($0) }) { return text.isEmpty ? nil : text }
        var scalars = text.unicodeScalars
        scalars.removeAll { scalar in
            scalar.value < 0x20 || (0x7F...0x9F).contains(scalar.value) || (0xFDD0...0xFDEF).contains(scalar.value)
                || scalar.value & 0xFFFE == 0xFFFE
        }
        return scalars.isEmpty ? nil : String(scalars)
    }
}
