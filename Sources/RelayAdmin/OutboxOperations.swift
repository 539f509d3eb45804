package import RelayCore
package import RelayOutbox

/// All that an operator can ask of an outbox and have done to it: by the admin API of a running relay, or on the file itself.
package protocol OutboxOperations: Sendable {
    func status() async throws(OperationFault) -> StatusReport
    func events(_ query: EventQuery) async throws(OperationFault) -> EventPage
    /// With its whole history.
    func event(_ id: EventID, includesData: Bool) async throws(OperationFault) -> EventRecord
    /// Puts a dead entry back among those that wait.
    func retry(_ id: EventID) async throws(OperationFault) -> EventRecord
    /// Gives an entry up that is dead, or waits and is not on its way.
    func discard(_ id: EventID, reason: String) async throws(OperationFault) -> EventRecord
    /// What a replay would publish; nothing is done.
    func planReplay(_ order: ReplayOrder) async throws(OperationFault) -> ReplayCount
    func startReplay(_ order: ReplayOrder) async throws(OperationFault) -> ReplayRecord
    /// The newest first.
    func replays() async throws(OperationFault) -> [ReplayRecord]
    func replay(_ id: EventID) async throws(OperationFault) -> ReplayRecord
    /// What a reroute would do; nothing is done.
    func planReroute(from topic: TopicName) async throws(OperationFault) -> RerouteReport
    /// Gives what Kafka does not have of a topic the topic in force for its event.
    func reroute(from topic: TopicName) async throws(OperationFault) -> RerouteReport
    /// What is known of the accounts of `users`, 1 to ``FoundFacts/mostUsers``, in their order; of the first ones alone where that is much.
    func known(of users: [UserID]) async throws(OperationFault) -> [KnownUser]
    /// Takes in facts that were found at Argyle's API, as far as they are news, or only tells which are; the answers are in their order.
    func takeIn(_ found: FoundFacts) async throws(OperationFault) -> [FoundFactOutcome]
    func check() async throws(OperationFault) -> CheckReport
    /// Writes a consistent copy to `path`, which must be absolute and free.
    func backup(to path: String) async throws(OperationFault) -> BackupReport
}

/// Why something was not done; each case is one status of the admin API and one exit code of the commands.
package enum OperationFault: Error, Equatable, Sendable {
    /// What was asked makes no sense; says what would.
    case invalid(String)
    case unknownEvent
    case unknownReplay
    /// The event is not in a state in which that can be done.
    case conflict(String)
    /// The store cannot do it now.
    case unavailable(String)
    /// The relay wants a token, or another one.
    case unauthorized
    /// Something answers that is no relay, or not as this version does.
    case unexpected(String)
}

extension OperationFault: CustomStringConvertible {
    package var description: String {
        switch self {
        case .invalid(let reason), .conflict(let reason), .unavailable(let reason), .unexpected(let reason): reason
        case .unknownEvent: "no event with this id is known"
        case .unknownReplay: "no replay with this id is known"
        case .unauthorized: "the relay refuses the token: set admin.token as the relay has it"
        }
    }
}

/// How the relay and its outbox fare, on one screen.
package struct StatusReport: Codable, Sendable, Equatable {
    package var version: String
    /// Whether a relay runs on it.
    package var running: Bool
    /// Fingerprint of the configuration that is in force; nil where no relay runs.
    package var configuration: String?
    package var outbox: String
    package var schema: Int
    package var accepted: Int
    package var pending: Int
    package var published: Int
    package var dead: Int
    package var discarded: Int
    package var oldestPending: Timestamp?
    /// Receipt of the oldest entry that is kept: later ones can be replayed.
    package var oldestKept: Timestamp?
    /// Bytes.
    package var freeDisk: Int?
    /// Why new facts are turned away, if they are.
    package var shedding: String?
    package var lastFailure: String?
    package var rates: Rates?
    /// Whether a broker has answered lately; nil where no relay runs.
    package var kafkaConnected: Bool?
    package var kafkaFault: String?
    /// Partitions that take nothing while others do; nil where no relay runs.
    package var stalledPartitions: [StalledPartition]?
    /// The replay that is under way or waits.
    package var replay: ReplayRecord?
    /// Topics that entries wait for and that nothing is routed to any more.
    package var stranded: [StrandedTopic]?
    /// What is odd about the machine's clock, while it is.
    package var clock: String?
    /// What Argyle says it has sent; nil where no relay runs, or one without API keys.
    package var argyle: Argyle?

    package struct StalledPartition: Codable, Sendable, Equatable {
        package var topic: String
        /// Its number, or `any` for records without a key.
        package var partition: String
        /// Since its last acknowledgement.
        package var seconds: Int

        package init(topic: String, partition: String, seconds: Int) {
            self.topic = topic
            self.partition = partition
            self.seconds = seconds
        }
    }

    /// Events a second over the last minute and the last five.
    package struct Rates: Codable, Sendable, Equatable {
        package var accepted1m: Double
        package var accepted5m: Double
        package var published1m: Double
        package var published5m: Double
    }
}

/// What is to be published once more.
package struct ReplayOrder: Equatable, Sendable {
    package static let defaultRate = 1000
    package static let rates = 1...100_000

    package var filter: OutboxFilter
    /// Events a second at most.
    package var rate: Int
    /// Who orders it, as written down beside it.
    package var requestedBy: String

    package init(filter: OutboxFilter, rate: Int = ReplayOrder.defaultRate, requestedBy: String) {
        self.filter = filter
        self.rate = rate
        self.requestedBy = requestedBy
    }

    /// Refuses states that cannot be replayed and rates out of bounds.
    func check() throws(OperationFault) {
        guard filter.state == nil || filter.state == .published || filter.state == .dead else {
            throw .invalid(
                "state: published or dead can be replayed; what waits leaves by itself, and for another topic after 'argyle-relay outbox reroute'"
            )
        }
        guard Self.rates.contains(rate) else { throw .invalid("rate: a whole number from 1 to 100000") }
        guard (1...200).contains(requestedBy.utf8.count) else { throw .invalid("requested_by: 1 to 200 bytes") }
        if let since = filter.since, let until = filter.until, since >= until { throw .invalid("since: must lie before until") }
    }
}
