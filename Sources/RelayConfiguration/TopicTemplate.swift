/// The name of the Kafka topic for an event: fixed text in which `{event}` stands for the event's name.
///
/// It refuses any text that would not give a legal topic name (Kafka's `Topic.validate`: 1 to 249 of `a-z A-Z 0-9 . _ -`).
package struct TopicTemplate: Sendable, Hashable {
    package let text: String
    /// The fixed text around each placeholder.
    private let parts: [String]

    /// Kafka's bound on a topic name.
    static let longest = 249
    /// Room kept for the event's name when the template is checked; Argyle's longest is under half of it.
    static let eventAllowance = 64
    static let placeholder = "{event}"

    /// The default of `kafka.topic`.
    package static let standard = TopicTemplate(parts: ["argyle.", ""])

    package init?(_ text: String) {
        self.init(parts: text.split(separator: Self.placeholder, omittingEmptySubsequences: false).map(String.init))
        let fixed = parts.joined()
        guard fixed.utf8.allSatisfy(Self.isLegal) else { return nil }
        guard parts.count > 1 || Self.isTopicName(text) else { return nil }
        guard fixed.utf8.count + (parts.count - 1) * Self.eventAllowance <= Self.longest else { return nil }
    }

    private init(parts: [String]) {
        self.parts = parts
        text = parts.joined(separator: Self.placeholder)
    }

    /// The topic for an event, always a legal name: `_` and whatever Kafka refuses becomes `-`, and a name beyond 249 bytes is cut.
    package func topic(forEvent event: String) -> String {
        guard parts.count > 1 else { return text }
        let name = event.utf8.map { $0 != UInt8(ascii: "_") && Self.isLegal($0) ? $0 : UInt8(ascii: "-") }
        let topic = String(parts.joined(separator: String(decoding: name, as: UTF8.self)).prefix(Self.longest))
        return Self.isTopicName(topic) ? topic : "-"
    }

    static func isTopicName(_ text: String) -> Bool {
        (1...longest).contains(text.utf8.count) && text != "." && text != ".." && text.utf8.allSatisfy(isLegal)
    }

    private static func isLegal(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "0")...UInt8(ascii: "9"),
            UInt8(ascii: "."), UInt8(ascii: "_"), UInt8(ascii: "-"):
            true
        default:
            false
        }
    }
}

extension TopicTemplate: CustomStringConvertible {
    package var description: String { text }
}
