import RelayCore
import RelayMetrics
import Synchronization

/// The one that writes: owns the connection, takes all that waits, runs one transaction, answers them all.
actor OutboxWriter {
    private let executor: ThreadExecutor
    nonisolated var unownedExecutor: UnownedSerialExecutor { executor.asUnownedSerialExecutor() }

    let connection: SQLiteConnection
    let settings: SQLiteOutbox.Settings
    let meters: OutboxMeters
    let time: TimeSource
    private let mailbox: Mailbox
    private let place: StorePlace
    private let notify: @Sendable (OutboxNotice) -> Void
    private let current: CurrentStatus
    var limits: OutboxLimits
    var admission: Admission
    var counts: Counts
    var recent: RecentFacts
    var pruning = Pruning()
    var ageing: Ageing
    /// Where the last event went: the next is nearly always of the same name.
    var lastRoute: (event: EventName, topic: TopicName)?
    /// Copies that are being made, by their paths.
    var backups: [String: SQLiteBackup] = [:]
    /// Settlements of a transaction that failed; they go with the next.
    private var unsettled: [Settlement] = []
    private var history = SettlementHistory()
    /// Committed into a file that was no longer in its place: the sender was told so, and Kafka has to wait until it is back.
    private var withheld: [OutboxEntry] = []
    private var failure: SQLiteError?
    private var displaced: String?
    private var oldestPending: Timestamp?
    private var oldestKept: Timestamp?
    private var replay: ReplayRecord?
    /// Free bytes, and what is wrong with the disk, as of the last look.
    private var disk: (bytes: Int?, fault: String?) = (nil, nil)
    private var lookedAround: (wall: Timestamp, uptime: Duration)?

    /// Rows by state; changed in memory with each commit, counted once at opening.
    struct Counts: Equatable {
        var pending = 0
        /// Without those given up.
        var dead = 0
        /// Ever; the last sequence that was given.
        var accepted = 0
        /// Ever.
        var discarded = 0
    }

    /// Why settlements are not on disk yet that the writer holds; nil where none are.
    var unwritten: SQLiteError? { unsettled.isEmpty ? nil : failure }

    /// Whether the disk still shows an entry beyond `sequence` as waiting that is settled.
    func isBehind(after sequence: Int64) -> Bool {
        unsettled.contains { settlement in
            if case .failed = settlement.outcome { return false }
            return settlement.sequence > sequence
        }
    }

    init(
        opening connection: sending SQLiteConnection,
        path: String,
        settings: SQLiteOutbox.Settings,
        meters: OutboxMeters,
        current: CurrentStatus,
        mailbox: Mailbox,
        time: TimeSource,
        notify: @escaping @Sendable (OutboxNotice) -> Void
    ) throws(OutboxError) {
        do throws(SQLiteError) {
            executor = try ThreadExecutor(named: "outbox-writer")
            counts = try Counts(readingFrom: connection)
            recent = try RecentFacts(readingFrom: connection, capacity: settings.recentFacts)
            place = try StorePlace(of: connection, path: path)
            ageing = try Ageing(readingFrom: connection, at: time.moment)
            try ageing.save(connection)
        } catch {
            connection.close()
            throw .failed(error)
        }
        self.connection = connection
        self.settings = settings
        self.meters = meters
        self.current = current
        self.mailbox = mailbox
        self.time = time
        self.notify = notify
        limits = settings.limits
        admission = Admission(limits: Admission.Limits(settings.limits))
        admission.pendingChanged(to: counts.pending)
        let counts = counts
        current.value.withLock {
            $0 = OutboxStatus(pending: counts.pending, dead: counts.dead, accepted: counts.accepted, discarded: counts.discarded)
        }
        if let jump = ageing.jumpAtStart { notify(.clock(jump)) }
    }

    /// One turn: writes what came, does what was asked between two transactions, and looks after what is old.
    func process(_ batch: Mailbox.Batch, onCommit: @Sendable ([OutboxEntry]) -> Void) {
        defer { mailbox.finish() }
        guard connection.isOpen else {
            mailbox.answer(batch.appends.map { _ in .failure(.closed) }, from: 0)
            for visit in batch.visits { visit.refuse(.closed) }
            return
        }
        age()
        lookAround()
        if isInPlace(), !withheld.isEmpty {
            onCommit(withheld)
            withheld = []
        }
        var settlements = unsettled + batch.settlements
        history.shorten(&settlements)
        unsettled = []
        if !batch.appends.isEmpty || !settlements.isEmpty {
            write(batch.appends[...], settlements, onCommit: onCommit)
        }
        if !batch.visits.isEmpty {
            // Whoever asks and looks at the status then finds all in it that came before.
            publishStatus()
            for visit in batch.visits { visit.run(self) }
            readForStatus()
        }
        if displaced == nil { pruneASlice() }
        publishStatus()
    }

    /// Lets rows age by the time that has passed, and tells when the machine's clock shows another.
    func age() {
        if let jump = ageing.advance(to: time.moment) { notify(.clock(jump)) }
    }

    /// What is wrong with the place of the files, as of the beginning of this turn.
    var displacement: OutboxError? { displaced.map(OutboxError.displaced) }

    func close() {
        publishStatus()
        for backup in backups.values { backup.close() }
        backups = [:]
        // What was aged until now counts after the next start, whatever the machine's clock will say then.
        do throws(SQLiteError) { try ageing.save(connection) } catch { notify(.ageingUnsaved(error.description)) }
        if !isInPlace() {
            // All goes into the file that is open; what lies at its path is somebody else's, and SQLite would remove its log.
            try? connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
            try? connection.keepLogAtClosing(true)
        }
        connection.close()
    }

    func setLimits(_ limits: OutboxLimits) {
        self.limits = limits
        admission.limits = Admission.Limits(limits)
        admission.pendingChanged(to: counts.pending)
        lookedAround = nil
        lookAround()
        publishStatus()
    }

    /// Writes appends, which stand in the batch as they do here, and settlements.
    private func write(
        _ appends: ArraySlice<Mailbox.Append>,
        _ settlements: [Settlement],
        onCommit: @Sendable ([OutboxEntry]) -> Void
    ) {
        // What became of entries is true of this file wherever it lies; nobody may be told that more is safe in it.
        guard appends.isEmpty || displaced == nil else {
            refuse(appends)
            if !settlements.isEmpty { write(appends[appends.endIndex...], settlements, onCommit: onCommit) }
            return
        }
        let started = time.uptime()
        do throws(SQLiteError) {
            let done = try commit(appends.map(\.fact), settlements)
            meters.committed(entries: appends.count + settlements.count, in: time.uptime() - started)
            failure = nil
            if oldestKept == nil, !done.entries.isEmpty { oldestKept = appends.first?.fact.receivedAt }
            // Only now is it sure into which file the commit went.
            guard appends.isEmpty || isInPlace() else {
                withheld += done.entries
                return refuse(appends)
            }
            if !done.entries.isEmpty { onCommit(done.entries) }
            mailbox.answer(done.results, from: appends.startIndex)
        } catch {
            if error.concernsTheRowAlone, appends.count + settlements.count > 1 {
                // One row that the schema refuses must not take its neighbours with it: each has its own transaction now.
                for settlement in settlements { write(appends[appends.endIndex...], [settlement], onCommit: onCommit) }
                for position in appends.indices { write(appends[position...position], [], onCommit: onCommit) }
                return
            }
            meters.commitFailures.add()
            failure = error
            if !error.concernsTheRowAlone { unsettled += settlements }
            mailbox.answer(appends.map { answerWithoutWriting($0.fact, because: error) }, from: appends.startIndex)
        }
    }

    private func refuse(_ appends: ArraySlice<Mailbox.Append>) {
        meters.commitFailures.add()
        let answer = Result<Receipt, OutboxError>.failure(displacement ?? .closed)
        mailbox.answer(appends.map { _ in answer }, from: appends.startIndex)
    }

    /// Looks where the files are and tells when that changes.
    private func isInPlace() -> Bool {
        let found = place.fault() ?? disk.fault
        if let found, displaced == nil { notify(.displaced(found)) }
        if found == nil, displaced != nil { notify(.inPlaceAgain(path: place.path)) }
        displaced = found
        return found == nil
    }

    /// A fact that is known is known even while nothing can be written.
    private func answerWithoutWriting(_ fact: Fact, because error: SQLiteError) -> Result<Receipt, OutboxError> {
        do throws(SQLiteError) {
            if case .known(_, let id, _) = try recognise(fact) { return .success(.known(fact, as: id)) }
        } catch {}  // The first error is the one to report.
        return .failure(.failed(error))
    }

    /// Once a second, and while the disk is at fault each time: free disk space and what the status tells of rows.
    private func lookAround() {
        let uptime = time.uptime()
        if let lookedAround, uptime - lookedAround.uptime < .seconds(1), disk.fault == nil { return }
        lookedAround = (time.now(), uptime)
        disk = place.freeDisk()
        if let free = disk.bytes { admission.freeDiskChanged(to: free) }
        oldestPending = (try? oldestPendingReceipt()) ?? nil
        readForStatus()
    }

    /// So that the status can be told at any time, whatever the writer is at.
    private func readForStatus() {
        oldestKept = (try? connection.prepared("SELECT received FROM entries ORDER BY sequence LIMIT 1").first { $0.timestamp(0) }) ?? nil
        replay = (try? replays("WHERE finished IS NULL ORDER BY number LIMIT ?", .integer(1)))?.first
    }

    private func publishStatus() {
        let status = OutboxStatus(
            pending: counts.pending,
            dead: counts.dead,
            oldestPending: counts.pending == 0 ? nil : oldestPending ?? lookedAround?.wall,
            shedding: admission.refusal,
            failure: failure,
            accepted: counts.accepted,
            discarded: counts.discarded,
            freeDisk: disk.bytes,
            displaced: displaced,
            oldestKept: oldestKept,
            replay: replay,
            clock: ageing.doubt
        )
        current.value.withLock { $0 = status }
    }
}

extension OutboxWriter.Counts {
    init(readingFrom connection: SQLiteConnection) throws(SQLiteError) {
        self.init(
            pending: Int(try connection.integer("SELECT count(*) FROM pending")),
            dead: Int(try connection.integer("SELECT count(*) FROM outcomes WHERE state = 'dead' AND discarded IS NULL")),
            // Whatever the count says, a number that a row bears is not given again.
            accepted: Int(
                try connection.integer(
                    "SELECT max(accepted, (SELECT coalesce(max(sequence), 0) FROM facts), (SELECT coalesce(max(sequence), 0) FROM entries)) FROM progress"
                )
            ),
            discarded: Int(try connection.integer("SELECT count(*) FROM discards"))
        )
    }
}

extension Admission.Limits {
    init(_ limits: OutboxLimits) {
        self.init(maxPending: limits.maxPending, minFreeDisk: limits.minFreeDisk)
    }
}
