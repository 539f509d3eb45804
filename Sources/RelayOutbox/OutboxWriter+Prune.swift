import RelayCore
import RelayMetrics

/// How far the two walks that forget have come.
struct Pruning {
    var lastSlice: Timestamp?
    var entriesFrom: Int64 = 0
    var factsFrom: [UInt8] = []
}

/// Forgetting what is older than the retentions say, a slice at a time, so that no append waits for it noticeably.
extension OutboxWriter {
    static var sliceRows: Int64 { 200 }

    /// Ten slices a second at most.
    func pruneASlice() {
        let moment = time.now()
        if let last = pruning.lastSlice, moment >= last, moment.elapsed(since: last) < .milliseconds(100) { return }
        pruning.lastSlice = moment
        do throws(SQLiteError) {
            try connection.transaction { () throws(SQLiteError) in
                try pruneEntries(at: moment)
                try pruneFacts(at: moment)
            }
        } catch {
            meters.commitFailures.add()
        }
    }

    /// Published entries leave in order of acceptance, and so do dead ones that were given up; what waits or is dead stays, whatever its age.
    private func pruneEntries(at moment: Timestamp) throws(SQLiteError) {
        let cutoff = moment.advanced(by: .zero - limits.entryRetention)
        var gone: [(Int64, [UInt8])] = []
        var seen = 0
        var last = pruning.entriesFrom
        var metYoung = false
        try connection.statement(
            "SELECT sequence, state = 'published', coalesce(discarded, settled), fact, discarded FROM entries WHERE sequence > ? ORDER BY sequence LIMIT ?"
        ).rows(.integer(pruning.entriesFrom), .integer(Self.sliceRows)) { row in
            seen += 1
            last = row.integer(0)
            guard row.integer(1) == 1 || !row.isNull(4) else { return true }
            guard row.integer(2) < cutoff.milliseconds else {
                // What was given up lately is no sign that all behind it is young.
                if row.integer(1) == 0 { return true }
                metYoung = true
                return false
            }
            gone.append((last, row.blob(3)))
            return true
        }
        for (sequence, fact) in gone {
            try connection.statement("DELETE FROM entries WHERE sequence = ?").run(.integer(sequence))
            try connection.statement("DELETE FROM failures WHERE sequence = ?").run(.integer(sequence))
            try connection.statement("DELETE FROM suppressed WHERE fact = ?").run(.blob(fact))
            try connection.statement("DELETE FROM replayed WHERE sequence = ?").run(.integer(sequence))
        }
        meters.pruned.add(gone.count)
        // At the first entry that is too young the walk starts again from the oldest.
        pruning.entriesFrom = metYoung || seen < Int(Self.sliceRows) ? 0 : last
    }

    /// A fact whose entry is kept is kept as well; with the fact that a user's last set comes from the set is forgotten (or the
    /// next copy of it would be compared with itself), the count of revisions is not.
    private func pruneFacts(at moment: Timestamp) throws(SQLiteError) {
        guard let retention = limits.factRetention else { return }
        let cutoff = moment.advanced(by: .zero - retention).milliseconds
        var old: [([UInt8], String?)] = []
        var seen = 0
        var last = pruning.factsFrom
        try connection.statement("SELECT id, first_seen, user, sequence FROM facts WHERE id > ? ORDER BY id LIMIT ?").rows(
            .blob(pruning.factsFrom),
            .integer(Self.sliceRows)
        ) { (row) throws(SQLiteError) in
            seen += 1
            last = row.blob(0)
            guard row.integer(1) < cutoff else { return true }
            let kept = try connection.statement("SELECT 1 FROM entries WHERE sequence = ?").first(.integer(row.integer(3))) { _ in true }
            if kept == nil { old.append((last, row.optionalText(2))) }
            return true
        }
        for (id, user) in old {
            if let user {
                try connection.statement(
                    """
                    UPDATE users SET kind = NULL, members = NULL
                    WHERE user = ? AND (kind, members) = (SELECT kind, members FROM facts WHERE id = ?)
                    """
                ).run(.text(user), .blob(id))
            }
            try connection.statement("DELETE FROM facts WHERE id = ?").run(.blob(id))
        }
        pruning.factsFrom = seen < Int(Self.sliceRows) ? [] : last
    }
}
