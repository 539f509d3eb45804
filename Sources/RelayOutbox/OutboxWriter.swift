import FoundationEssentials
import Glibc
import RelayCore
import RelayMetrics
import Synchronization

/// The one that writes: owns the connection, takes all that waits, runs one transaction, answers them all.
actor OutboxWriter {
    private let executor = WriterExecutor()
    nonisolated var unownedExecutor: UnownedSerialExecutor { executor.asUnownedSerialExecutor() }

    let connection: SQLiteConnection
    let settings: SQLiteOutbox.Settings
    let meters: OutboxMeters
    let time: TimeSource
    private let folder: String
    private let current: CurrentStatus
    var limits: OutboxLimits
    var admission: Admission
    var counts: Counts
    var recent: RecentFacts
    var pruning = Pruning()
    /// Where the last event went: the next is nearly always of the same name.
    var lastRoute: (event: EventName, topic: TopicName)?
    /// Copies that are being made, by their paths.
    var backups: [String: SQLiteBackup] = [:]
    /// Settlements of a transaction that failed; they go with the next.
    private var unsettled: [Settlement] = []
    private var failure: SQLiteError?
    private var oldestPending: Timestamp?
    /// Bytes, as of the last look.
    private var free: Int?
    private var lookedAround: Timestamp?

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

    init(
        opening connection: sending SQLiteConnection,
        path: String,
        settings: SQLiteOutbox.Settings,
        meters: OutboxMeters,
        current: CurrentStatus,
        time: TimeSource
    ) throws(OutboxError) {
        do throws(SQLiteError) {
            counts = Counts(
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
            recent = try RecentFacts(readingFrom: connection, capacity: settings.recentFacts)
        } catch {
            connection.close()
            throw .failed(error)
        }
        self.connection = connection
        self.settings = settings
        self.meters = meters
        self.current = current
        self.time = time
        folder = path.lastIndex(of: "/").map { String(path[..<$0]) + "/" } ?? "."
        limits = settings.limits
        admission = Admission(limits: Admission.Limits(settings.limits))
        admission.pendingChanged(to: counts.pending)
        let counts = counts
        current.value.withLock {
            $0 = OutboxStatus(pending: counts.pending, dead: counts.dead, accepted: counts.accepted, discarded: counts.discarded)
        }
    }

    func process(_ batch: Mailbox.Batch, onCommit: @Sendable ([OutboxEntry]) -> Void) {
        guard connection.isOpen else {
            for append in batch.appends { append.answer.resume(returning: .failure(.closed)) }
            return
        }
        lookAround()
        let settlements = unsettled + batch.settlements
        unsettled = []
        if !batch.appends.isEmpty || !settlements.isEmpty {
            write(batch.appends, settlements, onCommit: onCommit)
        }
        for visit in batch.visits { visit(self) }
        pruneASlice()
        publishStatus()
    }

    func close() {
        publishStatus()
        for backup in backups.values { backup.close() }
        backups = [:]
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

    private func write(
        _ appends: [Mailbox.Append],
        _ settlements: [Settlement],
        onCommit: @Sendable ([OutboxEntry]) -> Void
    ) {
        let started = time.uptime()
        do throws(SQLiteError) {
            let done = try commit(appends.map(\.fact), settlements)
            meters.committed(entries: appends.count + settlements.count, in: time.uptime() - started)
            failure = nil
            if !done.entries.isEmpty { onCommit(done.entries) }
            for (append, result) in zip(appends, done.results) { append.answer.resume(returning: result) }
        } catch {
            if error.concernsTheRowAlone, appends.count + settlements.count > 1 {
                // One row that the schema refuses must not take its neighbours with it: each has its own transaction now.
                for settlement in settlements { write([], [settlement], onCommit: onCommit) }
                for append in appends { write([append], [], onCommit: onCommit) }
                return
            }
            meters.commitFailures.add()
            failure = error
            if !error.concernsTheRowAlone { unsettled += settlements }
            for append in appends { append.answer.resume(returning: answerWithoutWriting(append.fact, because: error)) }
        }
    }

    /// A fact that is known is known even while nothing can be written.
    private func answerWithoutWriting(_ fact: Fact, because error: SQLiteError) -> Result<Receipt, OutboxError> {
        do throws(SQLiteError) {
            if case .known = try recognise(fact) { return .success(.known(fact)) }
        } catch {}  // The first error is the one to report.
        return .failure(.failed(error))
    }

    /// Once a second: free disk space and the age of the oldest entry that waits.
    private func lookAround() {
        let moment = time.now()
        if let lookedAround, moment.elapsed(since: lookedAround) < .seconds(1), moment >= lookedAround { return }
        lookedAround = moment
        free = freeDisk()
        if let free { admission.freeDiskChanged(to: free) }
        oldestPending = (try? oldestPendingReceipt()) ?? nil
    }

    private func freeDisk() -> Int? {
        var information = statvfs()
        guard statvfs(folder, &information) == 0 else { return nil }
        let (bytes, overflow) = Int(clamping: information.f_bavail).multipliedReportingOverflow(by: Int(information.f_frsize))
        return overflow ? Int.max : bytes
    }

    private func publishStatus() {
        let status = OutboxStatus(
            pending: counts.pending,
            dead: counts.dead,
            oldestPending: counts.pending == 0 ? nil : oldestPending ?? lookedAround,
            shedding: admission.refusal,
            failure: failure,
            accepted: counts.accepted,
            discarded: counts.discarded,
            freeDisk: free
        )
        current.value.withLock { $0 = status }
    }
}

extension Admission.Limits {
    init(_ limits: OutboxLimits) {
        self.init(maxPending: limits.maxPending, minFreeDisk: limits.minFreeDisk)
    }
}
