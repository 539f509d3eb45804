/// Which topic a fact goes to, by the template of `kafka.topic`.
package struct TopicRouting: Sendable {
    private let template: String
    package let deadLetters: TopicName

    /// Nil unless both make topic names that Kafka takes. `{event}` in `template` becomes the event's name with `_` turned into
    /// `-`: `.` and `_` collide in the names of Kafka's metrics.
    package init?(template: String, deadLetters: String) {
        guard let deadLetters = TopicName(deadLetters), Self.topic(for: .usersFullySynced, by: template) != nil else { return nil }
        self.template = template
        self.deadLetters = deadLetters
    }

    /// Nil for an event whose name makes the topic's longer than Kafka takes.
    package func topic(for event: EventName) -> TopicName? { Self.topic(for: event, by: template) }

    private static func topic(for event: EventName, by template: String) -> TopicName? {
        let name = String(decoding: event.text.utf8.map { $0 == 0x5F ? 0x2D : $0 }, as: UTF8.self)
        let parts = template.split(separator: "{event}", omittingEmptySubsequences: false)
        return TopicName(parts.joined(separator: name))
    }
}
