package import RelayCore

/// All that the relay knows of one event: what came, what was decided, and what became of it.
package struct EventRecord: Codable, Sendable, Equatable {
    package var id: EventID
    /// Order of acceptance.
    package var sequence: Int64
    package var state: EntryState
    /// Nil for a delivery that nobody could read.
    package var event: String?
    package var user: String?
    /// When the first delivery was received.
    package var received: Timestamp
    /// Position of the secret that signed the first delivery, from 1.
    package var secret: Int?
    package var change: String?
    package var revision: Int64?
    package var accounts: [String]?
    package var items: [String]?
    /// Against the user's fact before, while that is known.
    package var accountsAdded: [String]?
    package var accountsRemoved: [String]?
    /// Copies that were answered as duplicates.
    package var duplicates: Int

    // Of the entry, while it is kept.
    package var topic: String?
    /// The topic that the configuration in force has for it, where that is another and Kafka does not have it yet.
    package var topicInForce: String?
    package var subscription: String?
    /// Where it comes from, when Argyle did not deliver it.
    package var origin: String?
    /// Bytes of data.
    package var size: Int?
    package var attempts: Int?
    /// When it was published, or found dead.
    package var settled: Timestamp?
    package var partition: Int32?
    package var offset: Int64?
    /// The last failure, also of one that was published after it.
    package var error: Fault?
    /// Why the delivery could not be read.
    package var unreadable: Fault?
    package var discarded: Discard?

    // In the answer on one event alone.
    package var suppressed: [Copy]?
    package var failures: [Failure]?
    package var replays: [Replay]?
    package var rerouted: [Reroute]?
    package var again: Again?
    package var resent: [Resent]?

    /// As published, where it is UTF-8; `dataBase64` otherwise.
    package var data: String?
    package var dataBase64: String?

    package struct Fault: Codable, Sendable, Equatable {
        package var code: String
        package var detail: String
    }

    package struct Discard: Codable, Sendable, Equatable {
        package var at: Timestamp
        package var reason: String
        /// Whether it waited, and was not dead.
        package var waited: Bool
    }

    /// When it got another topic, and which it had before.
    package struct Reroute: Codable, Sendable, Equatable {
        package var at: Timestamp
        package var from: String
    }

    /// A later delivery of the same fact; of one fact at most a hundred are kept.
    package struct Copy: Codable, Sendable, Equatable {
        package var received: Timestamp
        /// From 1.
        package var secret: Int?
    }

    /// Which of the facts with its name it is, where there are others.
    package struct Again: Codable, Sendable, Equatable {
        /// Counted from 1.
        package var number: Int64
        package var first: EventID
        /// The one before, while that is remembered.
        package var before: EventID?
        package var last: EventID
        /// How many there are, forgotten ones too.
        package var count: Int64
    }

    /// A copy of a known set that would have been a fact of its own with `dedup.resent: publish`; of one fact the last twenty are kept.
    package struct Resent: Codable, Sendable, Equatable {
        /// Counted from 1.
        package var number: Int64
        package var received: Timestamp
        /// As it would have been.
        package var change: String
    }

    /// A try that failed; of one entry the last twenty are kept.
    package struct Failure: Codable, Sendable, Equatable {
        package var at: Timestamp
        package var code: String
        package var detail: String
    }

    /// Where a replay has put it, or why it could not.
    package struct Replay: Codable, Sendable, Equatable {
        package var id: EventID
        package var at: Timestamp
        package var partition: Int32?
        package var offset: Int64?
        package var error: Fault?
    }
}
