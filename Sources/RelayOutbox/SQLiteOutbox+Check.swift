import FoundationEssentials
import RelayCore

/// Looking whether the outbox is what it should be.
extension SQLiteOutbox {
    /// Checks a copy, so that the relay goes on taking deliveries: SQLite's own check of every page, then what must hold between rows.
    /// Needs as much free disk beside the outbox as the outbox takes.
    package func check() async throws(OutboxError) -> CheckReport {
        let copy = path + ".check-\(UInt64.random(in: 0 ... .max))"
        defer { for suffix in ["", "-journal", "-wal", "-shm"] { try? FileManager.default.removeItem(atPath: copy + suffix) } }
        do throws(BackupFault) { _ = try await backup(to: copy) } catch {
            switch error {
            case .notWritten(let reason):
                return CheckReport(entries: 0, facts: 0, users: 0, faults: ["no copy can be made for the check: \(reason)"], damaged: [])
            case .outbox(let error): throw error
            }
        }
        let now = time.now()
        let remembered = try await visit { writer throws(SQLiteError) in
            writer.limits.factRetention.map { now.advanced(by: .zero - $0) } ?? Timestamp(milliseconds: 0)
        }
        let result = await OutboxCheck.run(on: copy, remembered: remembered)
        let damaged = try await visit { writer throws(SQLiteError) in
            var damaged: [Int64] = []
            try writer.connection.statement(
                "SELECT sequence FROM entries WHERE state = 'dead' AND discarded IS NULL AND error_code = ? LIMIT 100"
            ).rows(.text(damagedCode)) {
                damaged.append($0.integer(0))
                return true
            }
            return damaged
        }
        switch result {
        case .success(var report):
            report.damaged = damaged
            return report
        case .failure(let error): throw .failed(error)
        }
    }
}

/// What must hold in every outbox, asked of a copy that nobody writes.
enum OutboxCheck {
    /// Each query names rows that must not be there, one text each.
    private static let invariants: [(fault: String, sql: String)] = [
        ("an entry has no fact", "SELECT e.sequence FROM entries e LEFT JOIN facts f ON f.id = e.fact WHERE f.id IS NULL"),
        (
            "an entry's fact points elsewhere",
            "SELECT e.sequence FROM entries e JOIN facts f ON f.id = e.fact WHERE f.sequence <> e.sequence"
        ),
        (
            "a pending entry was settled, or another was not",
            "SELECT sequence FROM entries WHERE (state = 'pending') <> (settled IS NULL) OR (state = 'published') <> (\"offset\" IS NOT NULL)"
        ),
        (
            "a user's revisions have a gap or a repeat",
            """
            SELECT user || ' has ' || count(*) || ' from ' || min(revision) || ' to ' || max(revision) FROM facts
            WHERE revision IS NOT NULL AND first_seen >= ?1 GROUP BY user
            HAVING count(DISTINCT revision) <> count(*) OR max(revision) - min(revision) + 1 <> count(*)
            """
        ),
        (
            "a user's revision is not that of the last fact",
            """
            SELECT u.user FROM users u JOIN (SELECT user, max(revision) AS newest FROM facts WHERE revision IS NOT NULL GROUP BY user) f
                ON f.user = u.user WHERE u.revision <> f.newest
            """
        ),
        (
            "a user's last fact is another's",
            "SELECT u.user FROM users u JOIN facts f ON f.id = u.last_fact WHERE f.user IS NOT u.user"
        ),
        ("a failure has no entry", "SELECT DISTINCT sequence FROM failures WHERE sequence NOT IN (SELECT sequence FROM entries)"),
        ("a replay's outcome has no entry", "SELECT DISTINCT sequence FROM replayed WHERE sequence NOT IN (SELECT sequence FROM entries)"),
        (
            "what was given up is not in the books, or not dead",
            """
            SELECT sequence FROM entries WHERE (discarded IS NOT NULL) <> (sequence IN (SELECT sequence FROM discards))
                OR (discarded IS NOT NULL AND state <> 'dead')
            """
        ),
        (
            "more entries are kept than were ever accepted",
            "SELECT max(sequence) FROM entries HAVING max(sequence) > (SELECT seq FROM sqlite_sequence WHERE name = 'entries')"
        ),
    ]

    /// Runs on a thread of its own: a large outbox takes a while.
    /// - Parameter remembered: facts from then on are kept, so that their revisions have no gap.
    static func run(on path: String, remembered: Timestamp) async -> Result<CheckReport, SQLiteError> {
        let executor = WriterExecutor()
        return await Checker(executor: executor).run(path, remembered)
    }

    private actor Checker {
        private let executor: WriterExecutor
        nonisolated var unownedExecutor: UnownedSerialExecutor { executor.asUnownedSerialExecutor() }

        init(executor: WriterExecutor) { self.executor = executor }

        func run(_ path: String, _ remembered: Timestamp) -> Result<CheckReport, SQLiteError> {
            do throws(SQLiteError) { return .success(try OutboxCheck.report(path, remembered)) } catch { return .failure(error) }
        }
    }

    private static func report(_ path: String, _ remembered: Timestamp) throws(SQLiteError) -> CheckReport {
        let copy = try SQLiteConnection(path: path)
        defer { copy.close() }
        var faults: [String] = []
        try copy.statement("PRAGMA integrity_check(100)").rows {
            if $0.text(0) != "ok" { faults.append("the file is damaged: \($0.text(0))") }
            return true
        }
        for (fault, sql) in invariants {
            try copy.statement(sql + " LIMIT 100").rows(
                binding: sql.contains("?1") ? [.integer(remembered.milliseconds)] : []
            ) {
                faults.append("\(fault): \($0.text(0))")
                return true
            }
        }
        return CheckReport(
            entries: Int(try copy.integer("SELECT count(*) FROM entries")),
            facts: Int(try copy.integer("SELECT count(*) FROM facts")),
            users: Int(try copy.integer("SELECT count(*) FROM users")),
            faults: faults,
            damaged: []
        )
    }
}
