/// Which topic a fact goes to, by the template of `kafka.topic`.
package struct TopicRouting: Sendable {
    /// What stands between the places where the event's name goes.
    private let parts: [String]
    package let deadLetters: TopicName

    /// Nil unless both make topic names that Kafka takes. `{event}` in `template` becomes the event's name with `_` turned into
    /// `-`: `.` and `_` collide in the names of Kafka's metrics.
    package init?(template: String, deadLetters: String) {
        guard let deadLetters = TopicName(deadLetters) else { return nil }
        parts = template.split(separator: "{event}", omittingEmptySubsequences: false).map(String.init)
        self.deadLetters = deadLetters
        guard topic(for: .usersFullySynced) != nil else { return nil }
    }

    /// Nil for an event whose name makes the topic's longer than Kafka takes.
    package func topic(for event: EventName) -> TopicName? {
        if parts.count == 1 { return TopicName(parts[0]) }
        let name = String(decoding: event.text.utf8.map { $0 == 0x5F ? 0x2D : $0 }, as: UTF8.self)
        return TopicName(parts.joined(separator: name))
    }
}
