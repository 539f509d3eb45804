/// One fact that waits for Kafka, is there already, or cannot get there: what the outbox keeps of it.
package struct OutboxEntry: Sendable {
    /// Order of acceptance.
    package let sequence: Int64
    package let id: EventID
    package let topic: TopicName
    package let content: Content
    /// The replay that publishes it once more, if this is one.
    package let replay: String?

    package enum Content: Sendable {
        case event(Envelope)
        case deadLetter(DeadLetter)
    }

    package init(sequence: Int64, id: EventID, topic: TopicName, content: Content, replay: String? = nil) {
        self.sequence = sequence
        self.id = id
        self.topic = topic
        self.content = content
        self.replay = replay
    }

    /// Entries of one user keep their order; those without one have none to keep.
    package var user: UserID? {
        if case .event(let envelope) = content { envelope.user } else { nil }
    }

    /// When its delivery was received.
    package var receivedAt: Timestamp {
        switch content {
        case .event(let envelope): envelope.time
        case .deadLetter(let letter): letter.receivedAt
        }
    }

    /// Bytes it holds in memory, about.
    package var footprint: Int {
        switch content {
        case .event(let envelope): envelope.data.count + 512
        case .deadLetter(let letter): letter.body.count + 512
        }
    }
}

/// A genuine delivery that nobody could read, as it goes to the dead-letter topic.
package struct DeadLetter: Sendable {
    package let code: String
    package let detail: String
    package let receivedAt: Timestamp
    /// As delivered.
    package let body: [UInt8]

    package init(code: String, detail: String, receivedAt: Timestamp, body: [UInt8]) {
        self.code = code
        self.detail = detail
        self.receivedAt = receivedAt
        self.body = body
    }
}
