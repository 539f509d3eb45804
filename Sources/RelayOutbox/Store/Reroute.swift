package import RelayCore

/// What giving the entries of one topic the topic in force has done, or would do. Entries that Kafka has are not in it: they keep theirs.
package struct RerouteReport: Codable, Sendable, Equatable {
    /// The topic that they had.
    package var topic: String
    /// By the topic that they have now.
    package var moves: [Move] = []
    /// Entries that wait, or are dead, under a topic that is the one in force for them.
    package var right = 0
    /// Entries for whose event no topic can be named; they are left as they are.
    package var unroutable = 0

    /// Entries that get the same topic.
    package struct Move: Codable, Sendable, Equatable {
        package var to: String
        package var waiting = 0
        package var dead = 0
    }

    package init(topic: String) { self.topic = topic }

    package var waiting: Int { moves.reduce(0) { $0 + $1.waiting } }
    package var dead: Int { moves.reduce(0) { $0 + $1.dead } }
    package var isEmpty: Bool { moves.isEmpty }

    mutating func add(_ found: RerouteSlice, dead isDead: Bool) {
        right += found.right
        unroutable += found.unroutable
        for (to, count) in found.moved {
            let index =
                moves.firstIndex { $0.to == to.text }
                ?? {
                    moves.append(Move(to: to.text))
                    return moves.count - 1
                }()
            if isDead { moves[index].dead += count } else { moves[index].waiting += count }
        }
        moves.sort { $0.to < $1.to }
    }
}

/// What one visit to the writer has found among the entries of a topic.
struct RerouteSlice: Sendable {
    var moved: [TopicName: Int] = [:]
    var right = 0
    var unroutable = 0
    /// Where to go on; nil at the end.
    var next: Int64?
}

/// Entries that wait for a topic though the routing in force sends their events elsewhere.
package struct StrandedTopic: Codable, Sendable, Equatable {
    package var topic: String
    /// Entries that wait for it, or so many at least.
    package var waiting: Int
    /// Whether they are more than ``waiting``.
    package var isMore: Bool
    /// Where the first of them would go now.
    package var to: String?

    package init(topic: String, waiting: Int, isMore: Bool, to: String?) {
        self.topic = topic
        self.waiting = waiting
        self.isMore = isMore
        self.to = to
    }
}

extension SQLiteOutbox {
    /// The topic that the routing in force has for an event, or for what is none.
    package func topicInForce(for event: EventName?) -> TopicName? {
        if let event { routing.topic(for: event) } else { routing.deadLetters }
    }

    /// Counts what ``reroute(from:)`` would do, in slices.
    package func planReroute(from topic: TopicName) async throws(OutboxError) -> RerouteReport {
        try await reroute(from: topic, onlyCounting: true)
    }

    /// Gives whatever waits for `topic`, and what is dead under it, the topic in force for its event; each slice is durable by itself, and
    /// appends go on in between. To be run again where it ended early.
    ///
    /// While a publisher runs, none of the topics concerned may be read or published meanwhile: an entry would leave under both.
    package func reroute(from topic: TopicName) async throws(OutboxError) -> RerouteReport {
        try await reroute(from: topic, onlyCounting: false)
    }

    private func reroute(from topic: TopicName, onlyCounting: Bool) async throws(OutboxError) -> RerouteReport {
        var report = RerouteReport(topic: topic.text)
        for isDead in [false, true] {
            var position: Int64? = 0
            while let from = position {
                let slice = try await change { writer throws(SQLiteError) in
                    try isDead
                        ? writer.rerouteDead(from: topic, after: from, onlyCounting: onlyCounting)
                        : writer.rerouteWaiting(from: topic, after: from, onlyCounting: onlyCounting)
                }
                report.add(slice, dead: isDead)
                position = slice.next
            }
        }
        return report
    }

    /// Topics that entries wait for and that nothing of what waits for them is routed to any more. Bounded: of each topic the oldest
    /// entries are looked at, and counted up to ``OutboxWriter/strandedRows``.
    package func strandedTopics() async throws(OutboxError) -> [StrandedTopic] {
        var stranded: [StrandedTopic] = []
        for topic in try await topicsPending() {
            let found = try await visit { writer throws(SQLiteError) in try writer.stranded(in: topic) }
            if let found { stranded.append(found) }
        }
        return stranded
    }
}
