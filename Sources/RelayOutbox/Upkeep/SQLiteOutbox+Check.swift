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
        let remembered = try await visit { writer throws(SQLiteError) in
            writer.limits.factRetention.map { writer.ageing.reading.advanced(by: .zero - $0) } ?? Timestamp(milliseconds: 0)
        }
        let result = await OutboxCheck.run(on: copy, remembered: remembered)
        let damaged = try await visit { writer throws(SQLiteError) in
            var damaged: [Int64] = []
            try writer.connection.statement(
                "SELECT sequence FROM outcomes WHERE state = 'dead' AND discarded IS NULL AND error_code = ? LIMIT 100"
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
        ("an entry has no fact", "SELECT e.sequence FROM entries e LEFT JOIN facts f ON f.sequence = e.sequence WHERE f.id IS NULL"),
        (
            "an entry's fact is another",
            "SELECT e.sequence FROM entries e JOIN facts f ON f.sequence = e.sequence WHERE f.id <> e.fact"
        ),
        (
            "an entry waits though it is settled, or does not though it is not",
            """
            SELECT sequence FROM outbox o WHERE (state = 'pending')
                <> EXISTS (SELECT 1 FROM pending p WHERE p.topic = o.topic AND p.sequence = o.sequence)
            """
        ),
        ("what waits has no entry", "SELECT sequence FROM pending WHERE sequence NOT IN (SELECT sequence FROM entries)"),
        ("an outcome has no entry", "SELECT sequence FROM outcomes WHERE sequence NOT IN (SELECT sequence FROM entries)"),
        (
            "a fact is not found by its id",
            """
            SELECT f.sequence FROM facts f LEFT JOIN fact_ids i ON i.id = f.id
            WHERE f.sequence <= (SELECT filed FROM progress) AND i.sequence IS NOT f.sequence
            """
        ),
        (
            "an id is found that no fact has",
            "SELECT i.sequence FROM fact_ids i LEFT JOIN facts f ON f.sequence = i.sequence WHERE f.id IS NOT i.id"
        ),
        (
            "a fact is stored twice",
            """
            SELECT max(sequence) FROM facts WHERE sequence > (SELECT filed FROM progress) GROUP BY id HAVING count(*) > 1
            UNION SELECT f.sequence FROM facts f JOIN fact_ids i ON i.id = f.id
                WHERE f.sequence > (SELECT filed FROM progress) AND i.sequence <> f.sequence
            """
        ),
        (
            "a user's revisions have a gap or a repeat",
            """
            SELECT user || ' has ' || count(*) || ' from ' || min(revision) || ' to ' || max(revision) FROM facts
            WHERE revision IS NOT NULL AND coalesce(aged, first_seen) >= ?1 GROUP BY user
            HAVING count(DISTINCT revision) <> count(*) OR max(revision) - min(revision) + 1 <> count(*)
            """
        ),
        (
            "a user's revision is not that of the last set",
            "SELECT u.user FROM users u JOIN facts f ON f.sequence = u.last_set WHERE f.revision IS NOT u.revision"
        ),
        (
            "a user's last fact is not the last",
            """
            SELECT DISTINCT f.user FROM facts f JOIN users u ON u.user = f.user
            WHERE f.sequence <= (SELECT filed FROM progress) AND f.sequence > u.last_fact
            """
        ),
        (
            "a user is not found",
            """
            SELECT DISTINCT user FROM facts
            WHERE user IS NOT NULL AND sequence <= (SELECT filed FROM progress) AND user NOT IN (SELECT user FROM users)
            """
        ),
        (
            "a user's last fact is another's",
            "SELECT u.user FROM users u JOIN facts f ON f.sequence IN (u.last_fact, u.last_set) WHERE f.user IS NOT u.user"
        ),
        ("a failure has no entry", "SELECT DISTINCT sequence FROM failures WHERE sequence NOT IN (SELECT sequence FROM entries)"),
        ("a replay's outcome has no entry", "SELECT DISTINCT sequence FROM replayed WHERE sequence NOT IN (SELECT sequence FROM entries)"),
        ("a change of topic has no entry", "SELECT DISTINCT sequence FROM rerouted WHERE sequence NOT IN (SELECT sequence FROM entries)"),
        (
            "what was given up is not in the books, or not dead",
            """
            SELECT sequence FROM outbox WHERE (discarded IS NOT NULL) <> (sequence IN (SELECT sequence FROM discards))
                OR (discarded IS NOT NULL AND state <> 'dead')
            """
        ),
        ("a name's last fact is not there", "SELECT hex(id) FROM repeats WHERE sequence NOT IN (SELECT sequence FROM facts)"),
        (
            "a name's last fact is not the last",
            "SELECT hex(r.id) FROM again a JOIN repeats r ON r.id = a.first WHERE (a.number, a.sequence) > (r.number, r.sequence)"
        ),
        (
            "a fact that came again is not there",
            "SELECT sequence FROM (SELECT sequence FROM again UNION SELECT sequence FROM resent) WHERE sequence NOT IN (SELECT sequence FROM facts)"
        ),
        (
            "more entries are kept than were ever accepted",
            "SELECT max(sequence) FROM entries HAVING max(sequence) > (SELECT accepted FROM progress)"
        ),
    ]

    /// Runs on a thread of its own: a large outbox takes a while.
    /// - Parameter remembered: facts from then on are kept, so that their revisions have no gap.
    static func run(on path: String, remembered: Timestamp) async -> Result<CheckReport, SQLiteError> {
        do throws(SQLiteError) {
            return await Checker(executor: try ThreadExecutor(named: "outbox-check")).run(path, remembered)
        } catch {
            return .failure(error)
        }
    }

    private actor Checker {
        private let executor: ThreadExecutor
        nonisolated var unownedExecutor: UnownedSerialExecutor { executor.asUnownedSerialExecutor() }

        init(executor: ThreadExecutor) { self.executor = executor }

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
            users: Int(
                try copy.integer(
                    """
                    SELECT count(*) FROM (SELECT user FROM users UNION
                        SELECT user FROM facts WHERE sequence > (SELECT filed FROM progress) AND user IS NOT NULL)
                    """
                )
            ),
            faults: faults,
            damaged: []
        )
    }
}
