/// Which topic a fact goes to.
package struct TopicRouting: Sendable {
    private let template: TopicTemplate
    package let deadLetters: TopicName

    package init(template: TopicTemplate, deadLetters: TopicName) {
        self.template = template
        self.deadLetters = deadLetters
    }

    /// Nil unless `template` and `deadLetters` are what they are to be.
    package init?(template: String, deadLetters: String) {
        guard let template = TopicTemplate(template), let deadLetters = TopicName(deadLetters) else { return nil }
        self.init(template: template, deadLetters: deadLetters)
    }

    /// Nil for an event whose name makes none that Kafka takes.
    package func topic(for event: EventName) -> TopicName? { template.topic(for: event) }
}
