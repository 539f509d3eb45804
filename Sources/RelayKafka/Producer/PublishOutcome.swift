/// What became of one record. Only the brokers' acknowledgement makes `published`; no outcome is ever derived from the enqueue alone
/// except a refusal.
package enum PublishOutcome: Sendable, Hashable {
    /// Acknowledged by all in-sync replicas. `offset` is -1 where the broker could not tell it any more (an idempotent repeat).
    case published(partition: Int32, offset: Int64)
    /// The cluster or the configuration is at fault: send the record again, later and in order.
    case retry(code: String, detail: String)
    /// This one record is at fault and will never be taken.
    case dead(code: String, detail: String)
    /// The producer is beyond repair: close it, build another and send again everything that is not settled.
    case fatal(code: String, detail: String)
}

/// The fate of the record that was published under `token`. Every token that was enqueued is reported exactly once, at the latest by
/// ``KafkaProducer/close()``.
package struct DeliveryReport: Sendable, Hashable {
    package let token: Int64
    package let outcome: PublishOutcome

    package init(token: Int64, outcome: PublishOutcome) {
        self.token = token
        self.outcome = outcome
    }
}

/// The answer to handing over one record. None of its cases says that the record has reached a broker.
package enum EnqueueResult: Sendable, Hashable {
    /// A ``DeliveryReport`` will follow.
    case enqueued
    /// The producer's memory is full: try again after some reports have come. No report follows.
    case full
    /// Refused before it left; never `published`. No report follows.
    case rejected(PublishOutcome)
}
