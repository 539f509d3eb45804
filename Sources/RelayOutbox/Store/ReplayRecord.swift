package import RelayCore

/// One order to publish events once more: who gave it, what it means, how far it has come. What it has published is in
/// ``EventRecord/replays``.
package struct ReplayRecord: Codable, Sendable, Equatable {
    package var id: EventID
    package var requestedBy: String
    package var created: Timestamp
    package var filter: OutboxFilter
    /// Events a second, at most.
    package var rate: Int
    /// Events that are meant.
    package var total: Int
    /// Facts that are meant but whose entries were forgotten after `outbox.retention`: they cannot be published again.
    package var gone: Int
    package var done: Int
    /// Events that Kafka will not take.
    package var failed: Int
    /// When it was first gone about.
    package var started: Timestamp?
    package var finished: Timestamp?

    /// Up to which sequence it is done with all before.
    var position: Int64
    /// The last sequence at its creation: what came later is not meant.
    var upto: Int64

    /// Nothing beyond it is meant.
    package var lastSequence: Int64 { upto }
    package var isFinished: Bool { finished != nil }
}

/// How many events a replay would publish.
package struct ReplayCount: Codable, Sendable, Equatable {
    package var total: Int
    package var gone: Int
    /// The last sequence that was looked at.
    var upto: Int64
}

/// What became of one event in a replay.
package struct ReplayOutcome: Sendable, Equatable {
    package let sequence: Int64
    package let at: Timestamp
    package let result: Result<Place, Refusal>

    package struct Place: Sendable, Equatable {
        package let partition: Int32
        package let offset: Int64

        package init(partition: Int32, offset: Int64) {
            self.partition = partition
            self.offset = offset
        }
    }

    /// Kafka will not take it.
    package struct Refusal: Error, Equatable {
        package let code: String
        package let detail: String

        package init(code: String, detail: String) {
            self.code = code
            self.detail = detail
        }
    }

    package init(sequence: Int64, at: Timestamp, result: Result<Place, Refusal>) {
        self.sequence = sequence
        self.at = at
        self.result = result
    }
}
