package import RelayCore

/// The durable store between the two half-hallways; every implementation passes the same conformance suite.
///
/// Promises: what `append` returned is on disk; the same fact is stored once, however many copies come at once; an entry stays
/// pending until a settlement of it is on disk.
package protocol OutboxStore: Sendable {
    /// Decides whether `fact` is new and, if so, stores fact, envelope and entry in one durable transaction.
    func append(_ fact: Fact) async throws(OutboxError) -> Receipt

    /// The oldest entries of `topic` that wait for Kafka, in order of acceptance, from after `sequence` on: `limit` of them, or fewer that come
    /// to ``PendingRead/bytes``, while there are so many.
    func pending(in topic: TopicName, after sequence: Int64, limit: Int) async throws(OutboxError) -> [OutboxEntry]

    /// Topics that entries wait for.
    func topicsPending() async throws(OutboxError) -> [TopicName]

    /// Records what became of entries, durable with the next transaction; one that cannot be recorded now is recorded later.
    func settle(_ settlements: [Settlement])

    /// How full the store is and how it fares, as of the last transaction.
    var status: OutboxStatus { get }

    /// Writes what comes until ``stop()`` or cancellation, then what still waits, and closes.
    /// - Parameter onCommit: is handed entries that have just become durable, in order; must not block.
    func run(onCommit: @escaping @Sendable ([OutboxEntry]) -> Void) async

    /// Ends ``run(onCommit:)``; calls from now on throw ``OutboxError/closed``.
    func stop()
}

/// Reading what waits, in pieces that fit into memory however large the bodies are.
package enum PendingRead {
    /// A read ends with the entry that brings it to so many bytes of ``OutboxEntry/footprint``.
    package static let bytes = 16 << 20

    /// Whether there may be more behind what a read with `limit` has brought.
    package static func isCut(_ entries: [OutboxEntry], limit: Int) -> Bool {
        entries.count >= limit || entries.reduce(0) { $0 + $1.footprint } >= bytes
    }
}

/// What became of an appended fact.
package enum Receipt: Equatable, Sendable {
    /// New and durable.
    case accepted(EventID, Transition?)
    /// Known already; the id is the first one's or, where facts with its name came again as news, the last one's.
    case duplicate(EventID)
    /// Stored whole for the dead-letter topic.
    case quarantined(EventID, code: Unreadable.Code)
}

/// What became of one try to publish an entry.
package struct Settlement: Equatable, Sendable {
    /// The entry's, which with the sequence says where it waits.
    package let topic: TopicName
    package let sequence: Int64
    package let at: Timestamp
    package let outcome: Outcome

    package enum Outcome: Equatable, Sendable {
        case published(partition: Int32, offset: Int64)
        /// Cannot ever be published as it is.
        case dead(code: String, detail: String)
        /// Failed and stays pending.
        case failed(code: String, detail: String)
    }

    package init(topic: TopicName, sequence: Int64, at: Timestamp, outcome: Outcome) {
        self.topic = topic
        self.sequence = sequence
        self.at = at
        self.outcome = outcome
    }
}

/// How full the store is and how it fares.
package struct OutboxStatus: Equatable, Sendable {
    package var pending: Int
    package var dead: Int
    /// When the oldest entry that still waits was received.
    package var oldestPending: Timestamp?
    /// Why new facts are turned away, if they are.
    package var shedding: OutboxError?
    /// The last transaction's error; nil once one succeeds.
    package var failure: SQLiteError?
    /// Entries that were ever taken in.
    package var accepted = 0
    /// Entries that an operator gave up, dead or waiting.
    package var discarded = 0
    /// Bytes that are free on the store's file system, if that is known.
    package var freeDisk: Int?
    /// What stands where the files were opened, where that is something else.
    package var displaced: String?
    /// Whether somebody has waited for it too long, lately.
    package var isSlow = false
    /// Receipt of the oldest entry that is kept.
    package var oldestKept: Timestamp?
    /// The replay that is under way or waits.
    package var replay: ReplayRecord?
    /// What is odd about the machine's clock, while it is.
    package var clock: String?

    /// Why nothing can be stored, if so; shedding is none of it.
    package var trouble: OutboxError? {
        if let displaced { return .displaced(displaced) }
        return isSlow ? .slow : failure.map(OutboxError.failed)
    }

    /// Entries that Kafka has acknowledged, ever.
    package var published: Int { max(0, accepted - pending - dead - discarded) }
}
