package import RelayCore
package import RelayOutbox

/// The operations on an outbox that this process holds: beside the relay, or alone while none runs.
package struct LocalOperations: OutboxOperations {
    /// What a relay knows beyond its outbox.
    package struct Relay: Sendable {
        package typealias Reroute = @Sendable () async throws(OutboxError) -> RerouteReport
        package typealias GiveUp = @Sendable () async throws(OutboxError) -> Result<Void, RepairRefusal>

        package var rates: @Sendable () -> StatusReport.Rates
        package var kafka: @Sendable () -> (isConnected: Bool, fault: String?)
        /// Hands an entry that waits again to the publisher.
        package var readmit: @Sendable (OutboxEntry) -> Void
        /// Tells the publisher of a new replay.
        package var replayAdded: @Sendable () -> Void
        package var stalledPartitions: @Sendable () -> [StatusReport.StalledPartition] = { [] }
        /// Runs its last argument, which gives entries of the first topic the others, once none of them is on its way.
        package var reroute: @Sendable (TopicName, [TopicName], Reroute) async throws(OperationFault) -> RerouteReport
        /// Runs its last argument, which gives up an entry that waits for the topic, once it is not on its way.
        package var withdraw: @Sendable (Int64, TopicName, GiveUp) async throws(OperationFault) -> Result<Void, RepairRefusal>
        /// Of the configuration that is in force.
        package var fingerprint: @Sendable () -> String? = { nil }
        /// What Argyle says it has sent.
        package var argyle: @Sendable () -> StatusReport.Argyle? = { nil }

        package init(
            rates: @escaping @Sendable () -> StatusReport.Rates,
            kafka: @escaping @Sendable () -> (isConnected: Bool, fault: String?),
            readmit: @escaping @Sendable (OutboxEntry) -> Void,
            replayAdded: @escaping @Sendable () -> Void,
            reroute: @escaping @Sendable (TopicName, [TopicName], Reroute) async throws(OperationFault) -> RerouteReport,
            withdraw: @escaping @Sendable (Int64, TopicName, GiveUp) async throws(OperationFault) -> Result<Void, RepairRefusal>
        ) {
            self.rates = rates
            self.kafka = kafka
            self.readmit = readmit
            self.replayAdded = replayAdded
            self.reroute = reroute
            self.withdraw = withdraw
        }
    }

    let outbox: SQLiteOutbox
    let version: String
    let relay: Relay?
    /// Makes the id of a new replay; 16 random bytes.
    let newID: @Sendable () -> [UInt8]

    package init(outbox: SQLiteOutbox, version: String, relay: Relay?, newID: @escaping @Sendable () -> [UInt8] = LocalOperations.randomID)
    {
        self.outbox = outbox
        self.version = version
        self.relay = relay
        self.newID = newID
    }

    package func status() async throws(OperationFault) -> StatusReport {
        // Beside a relay from memory alone where the store does not answer: that is what is asked about.
        let stranded: [StrandedTopic]? =
            if relay == nil {
                try await asking { () throws(OutboxError) in try await outbox.strandedTopics() }
            } else if outbox.isAnswering {
                try? await outbox.strandedTopics()
            } else {
                nil
            }
        let status = outbox.status
        let kafka = relay?.kafka()
        return StatusReport(
            version: version,
            running: relay != nil,
            configuration: relay?.fingerprint(),
            outbox: outbox.path,
            schema: SQLiteOutbox.schemaVersion,
            accepted: status.accepted,
            pending: status.pending,
            published: status.published,
            dead: status.dead,
            discarded: status.discarded,
            oldestPending: status.oldestPending,
            oldestKept: status.oldestKept,
            freeDisk: status.freeDisk,
            shedding: status.shedding?.description,
            lastFailure: status.trouble?.description,
            rates: relay?.rates(),
            kafkaConnected: kafka?.isConnected,
            kafkaFault: kafka?.fault,
            stalledPartitions: relay?.stalledPartitions(),
            replay: status.replay,
            stranded: stranded,
            clock: status.clock,
            argyle: relay?.argyle()
        )
    }

    package func events(_ query: EventQuery) async throws(OperationFault) -> EventPage {
        try await asking { () throws(OutboxError) in try await outbox.events(query) }
    }

    package func event(_ id: EventID, includesData: Bool) async throws(OperationFault) -> EventRecord {
        guard let record = try await asking({ () throws(OutboxError) in try await outbox.event(id, includesData: includesData) }) else {
            throw .unknownEvent
        }
        return record
    }

    package func retry(_ id: EventID) async throws(OperationFault) -> EventRecord {
        switch try await asking({ () throws(OutboxError) in try await outbox.retry(id) { relay?.readmit($0) } }) {
        case .success: break
        case .failure(.notDead(.pending)):
            let event = try await event(id, includesData: false)
            throw .conflict(
                event.rerouteAdvice.map { "only a dead event can be tried again, and this one waits. \($0)" }
                    ?? "only a dead event can be tried again; this one is pending: it waits, and is tried by itself"
            )
        case .failure(let refusal): throw OperationFault(refusal)
        }
        return try await event(id, includesData: false)
    }

    package func discard(_ id: EventID, reason: String) async throws(OperationFault) -> EventRecord {
        guard (1...1000).contains(reason.utf8.count), reason.contains(where: { !$0.isWhitespace }) else {
            throw .invalid("reason: 1 to 1000 bytes that say why")
        }
        if case .failure(let refusal) = try await giveUp(id, reason) { throw OperationFault(refusal) }
        return try await event(id, includesData: false)
    }

    /// Beside a publisher, one that waits is given up only while the publisher leaves it alone.
    private func giveUp(_ id: EventID, _ reason: String) async throws(OperationFault) -> Result<Void, RepairRefusal> {
        let outbox = outbox
        guard let relay else {
            return try await asking { () throws(OutboxError) in try await outbox.discard(id, reason: reason, evenIfWaiting: true) }
        }
        let result = try await asking { () throws(OutboxError) in try await outbox.discard(id, reason: reason) }
        guard case .failure(.notDead(.pending)) = result else { return result }
        let event = try await event(id, includesData: false)
        guard let topic = event.topic.flatMap(TopicName.init) else { return result }
        return try await relay.withdraw(event.sequence, topic) { () throws(OutboxError) in
            try await outbox.discard(id, reason: reason, evenIfWaiting: true)
        }
    }

    package func planReroute(from topic: TopicName) async throws(OperationFault) -> RerouteReport {
        try await asking { () throws(OutboxError) in try await outbox.planReroute(from: topic) }
    }

    package func reroute(from topic: TopicName) async throws(OperationFault) -> RerouteReport {
        let outbox = outbox
        guard let relay else { return try await asking { () throws(OutboxError) in try await outbox.reroute(from: topic) } }
        let plan = try await planReroute(from: topic)
        if plan.isEmpty { return plan }
        return try await relay.reroute(topic, plan.moves.compactMap { TopicName($0.to) }) { () throws(OutboxError) in
            try await outbox.reroute(from: topic)
        }
    }

    package func planReplay(_ order: ReplayOrder) async throws(OperationFault) -> ReplayCount {
        try order.check()
        return try await asking { () throws(OutboxError) in try await outbox.countReplay(order.filter) }
    }

    package func startReplay(_ order: ReplayOrder) async throws(OperationFault) -> ReplayRecord {
        let count = try await planReplay(order)
        guard let id = EventID(bytes: newID()) else { throw .unavailable("no id could be made") }
        let record = try await asking { () throws(OutboxError) in
            try await outbox.addReplay(id: id, of: order.filter, count: count, rate: order.rate, requestedBy: order.requestedBy) {
                relay?.replayAdded()
            }
        }
        return record
    }

    package func replays() async throws(OperationFault) -> [ReplayRecord] {
        try await asking { () throws(OutboxError) in try await outbox.replays() }
    }

    package func replay(_ id: EventID) async throws(OperationFault) -> ReplayRecord {
        guard let record = try await asking({ () throws(OutboxError) in try await outbox.replay(id) }) else { throw .unknownReplay }
        return record
    }

    package func known(of users: [UserID]) async throws(OperationFault) -> [KnownUser] {
        try await asking { () throws(OutboxError) in try await outbox.known(of: users) }
    }

    package func takeIn(_ found: FoundFacts) async throws(OperationFault) -> [FoundFactOutcome] {
        let facts = try found.read(receivedAt: outbox.time.now())
        if found.dryRun { return try await asking { () throws(OutboxError) in try await outbox.rehearse(facts) } }
        return try await asking { () throws(OutboxError) in try await outbox.takeIn(facts) }
    }

    package func check() async throws(OperationFault) -> CheckReport {
        try await asking { () throws(OutboxError) in try await outbox.check() }
    }

    package func backup(to path: String) async throws(OperationFault) -> BackupReport {
        guard path.hasPrefix("/"), !path.hasSuffix("/"), path.utf8.count < 4096, !path.utf8.contains(0) else {
            throw .invalid("path: an absolute path of a new file")
        }
        do throws(BackupFault) { return try await outbox.backup(to: path) } catch {
            switch error {
            case .notWritten(let reason): throw .conflict("\(path): \(reason)")
            case .outbox(let error): throw OperationFault(error)
            }
        }
    }

    private func asking<Value>(_ body: () async throws(OutboxError) -> Value) async throws(OperationFault) -> Value {
        do throws(OutboxError) { return try await body() } catch { throw OperationFault(error) }
    }

    /// UUIDv4 (RFC 9562, section 5.4).
    @Sendable package static func randomID() -> [UInt8] {
        var bytes = (0..<16).map { _ in UInt8.random(in: 0...255) }
        bytes[6] = bytes[6] & 0x0F | 0x40
        bytes[8] = bytes[8] & 0x3F | 0x80
        return bytes
    }
}

extension OperationFault {
    init(_ error: OutboxError) { self = .unavailable(error.description) }

    init(_ refusal: RepairRefusal) {
        switch refusal {
        case .unknown: self = .unknownEvent
        case .notDead(let state):
            self = .conflict("only what Kafka does not have can be tried again or given up; this one is \(state.rawValue)")
        case .damaged: self = .conflict("its row is damaged: it can be discarded, never sent")
        }
    }
}
