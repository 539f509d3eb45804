import RelayCore
import RelayMetrics

/// How far the two walks that forget have come.
struct Pruning {
    var lastSlice: Duration?
    /// When ageing was written down.
    var lastSave: Duration?
    var entriesFrom: Int64 = 0
    var factsFrom: Int64 = 0
}

/// Forgetting what is older than the retentions say, by the clock of ``Ageing``, a slice at a time, so that no append waits for it noticeably.
extension OutboxWriter {
    static var sliceRows: Int64 { 200 }

    /// Ten slices a second at most.
    func pruneASlice() {
        let uptime = time.uptime()
        if let last = pruning.lastSlice, uptime - last < .milliseconds(100) { return }
        pruning.lastSlice = uptime
        let isSaveDue = pruning.lastSave.map { uptime - $0 >= .seconds(60) } ?? false
        if isSaveDue || pruning.lastSave == nil { pruning.lastSave = uptime }
        age()
        let moment = ageing.reading
        do throws(SQLiteError) {
            try connection.transaction { () throws(SQLiteError) in
                try pruneEntries(at: moment)
                try pruneFacts(at: moment)
                if isSaveDue { try ageing.save(connection) }
            }
            recent.commit()
        } catch {
            recent.rollBack()
            meters.commitFailures.add()
        }
    }

    /// Published entries leave in order of acceptance, and so do dead ones that were given up; what waits or is dead stays, whatever its age.
    private func pruneEntries(at moment: Timestamp) throws(SQLiteError) {
        let cutoff = moment.advanced(by: .zero - limits.entryRetention)
        var gone: [Int64] = []
        var seen = 0
        var last = pruning.entriesFrom
        var metYoung = false
        try connection.statement(
            """
            SELECT e.sequence, o.state = 'published', coalesce(o.aged, o.discarded, o.settled), o.discarded
            FROM entries e LEFT JOIN outcomes o ON o.sequence = e.sequence WHERE e.sequence > ? ORDER BY e.sequence LIMIT ?
            """
        ).rows(.integer(pruning.entriesFrom), .integer(Self.sliceRows)) { row in
            seen += 1
            last = row.integer(0)
            guard row.integer(1) == 1 || !row.isNull(3) else { return true }
            guard row.integer(2) < cutoff.milliseconds else {
                // What was given up lately is no sign that all behind it is young.
                if row.integer(1) == 0 { return true }
                metYoung = true
                return false
            }
            gone.append(last)
            return true
        }
        for sequence in gone {
            for table in ["entries", "outcomes", "failures", "suppressed", "replayed", "rerouted"] {
                try connection.statement("DELETE FROM \(table) WHERE sequence = ?").run(.integer(sequence))
            }
        }
        meters.pruned.add(gone.count)
        // At the first entry that is too young the walk starts again from the oldest.
        pruning.entriesFrom = metYoung || seen < Int(Self.sliceRows) ? 0 : last
    }

    /// A fact whose entry is kept is kept as well, and those of its name that came after it; with the fact that a user's set comes from the set is forgotten (or the next copy of
    /// it would be compared with itself), the count of revisions is not.
    private func pruneFacts(at moment: Timestamp) throws(SQLiteError) {
        guard let retention = limits.factRetention else { return }
        let cutoff = moment.advanced(by: .zero - retention).milliseconds
        var old: [(Int64, [UInt8])] = []
        var gone: Set<Int64> = []
        var seen = 0
        var last = pruning.factsFrom
        var metYoung = false
        try fileOldFacts(before: cutoff)
        // Only what is filed: a fact that is known in memory as well is newer than all of these.
        try connection.statement(
            """
            SELECT sequence, id, coalesce(aged, first_seen) FROM facts
            WHERE sequence > ? AND sequence <= (SELECT filed FROM progress) ORDER BY sequence LIMIT ?
            """
        ).rows(.integer(pruning.factsFrom), .integer(Self.sliceRows)) { (row) throws(SQLiteError) in
            seen += 1
            last = row.integer(0)
            guard row.integer(2) < cutoff else {
                metYoung = true
                return false
            }
            if try isKept(last, besides: gone) { return true }
            old.append((last, row.blob(1)))
            gone.insert(last)
            return true
        }
        for (sequence, id) in old {
            try connection.statement("DELETE FROM fact_ids WHERE id = ?").run(.blob(id))
            try connection.statement("DELETE FROM facts WHERE sequence = ?").run(.integer(sequence))
            for table in ["repeats", "again", "resent"] {
                try connection.statement("DELETE FROM \(table) WHERE sequence = ?").run(.integer(sequence))
            }
        }
        pruning.factsFrom = metYoung || seen < Int(Self.sliceRows) ? 0 : last
    }

    /// Whether its entry is kept, or the fact of the same name before it: the last one knows how many there were, and the number of one that
    /// is known must not be given again.
    /// - Parameter gone: facts that are about to be forgotten.
    private func isKept(_ sequence: Int64, besides gone: Set<Int64>) throws(SQLiteError) -> Bool {
        let entry = try connection.statement("SELECT 1 FROM entries WHERE sequence = ?").first(.integer(sequence)) { _ in true }
        if entry != nil { return true }
        let before = try connection.statement(
            "SELECT f.sequence FROM again a JOIN facts f ON f.sequence = a.before WHERE a.sequence = ?"
        ).first(.integer(sequence)) { $0.integer(0) }
        return before.map { !gone.contains($0) } ?? false
    }

    /// Files recent facts although they are few, once the first of them could be forgotten: an outbox to which little comes forgets too.
    private func fileOldFacts(before cutoff: Int64) throws(SQLiteError) {
        let oldest = try connection.statement(
            "SELECT coalesce(aged, first_seen) FROM facts WHERE sequence > (SELECT filed FROM progress) ORDER BY sequence LIMIT 1"
        ).first { $0.integer(0) }
        guard let oldest, oldest < cutoff else { return }
        recent.beginFiling(upTo: Int64(counts.accepted))
        try fileRecentFacts(Int(Self.sliceRows))
    }
}
