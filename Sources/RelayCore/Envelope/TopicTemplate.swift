/// The name of the Kafka topic for an event: fixed text in which `{event}` may stand for the event's name.
///
/// It refuses any text that does not leave room for the longest event's name, or holds what no topic's name may.
package struct TopicTemplate: Sendable, Hashable {
    /// What stands between the places where the event's name goes.
    private let parts: [String]
    private static let placeholder = "{event}"

    /// The default of `kafka.topic`.
    package static let standard = TopicTemplate(parts: ["argyle.", ""])

    package init?(_ text: String) {
        self.init(parts: text.split(separator: Self.placeholder, omittingEmptySubsequences: false).map(String.init))
        guard TopicName(parts.joined(separator: String(repeating: "a", count: EventName.longest))) != nil else { return nil }
    }

    private init(parts: [String]) { self.parts = parts }

    package var text: String { parts.joined(separator: Self.placeholder) }

    /// The event's name takes the placeholder's place with `_` turned into `-`: `.` and `_` collide in the names of Kafka's metrics.
    /// Nil where it alone would be the topic's and Kafka takes none such: `.` and `..`.
    package func topic(for event: EventName) -> TopicName? {
        TopicName(parts.joined(separator: String(decoding: event.text.utf8.map { $0 == 0x5F ? 0x2D : $0 }, as: UTF8.self)))
    }
}

extension TopicTemplate: CustomStringConvertible {
    package var description: String { text }
}
