import RelayCore

/// Ageing in the outbox: where it is kept, and what of time it is told.
extension Ageing {
    /// Goes on from what the last run left.
    init(readingFrom connection: SQLiteConnection, at moment: Moment) throws(SQLiteError) {
        let saved = try connection.prepared("SELECT reading, wall, boot, elapsed FROM ageing").first {
            Record(reading: $0.timestamp(0), wall: $0.timestamp(1), boot: $0.optionalText(2), elapsed: .milliseconds($0.integer(3)))
        }
        let newest = try connection.prepared("SELECT aged, first_seen FROM facts ORDER BY sequence DESC LIMIT 1").first {
            saved == nil ? $0.timestamp(1) : $0.optionalInteger(0).map(Timestamp.init(milliseconds:))
        }
        self.init(resuming: saved, newest: newest ?? nil, at: moment)
    }

    /// Writes it down, in the open transaction or one of its own.
    func save(_ connection: SQLiteConnection) throws(SQLiteError) {
        try connection.prepared("INSERT OR REPLACE INTO ageing (one, reading, wall, boot, elapsed) VALUES (1, ?, ?, ?, ?)").run(
            .integer(record.reading.milliseconds),
            .integer(record.wall.milliseconds),
            .optional(record.boot),
            .integer(record.elapsed.wholeMilliseconds)
        )
    }
}

extension SQLiteConnection {
    /// The receipt of the newest entry, or the last record of ageing where that is later: it is written at the close, and now and then before.
    func lastWritten() throws(SQLiteError) -> Timestamp? {
        let recorded = try prepared("SELECT wall FROM ageing").first { $0.timestamp(0) }
        let received = try prepared("SELECT received FROM entries ORDER BY sequence DESC LIMIT 1").first { $0.timestamp(0) }
        return [recorded, received].compactMap(\.self).max()
    }
}

extension Duration {
    /// Without a detour over floating point, in which a row would be a millisecond older after each restart.
    var wholeMilliseconds: Int64 { components.seconds * 1000 + components.attoseconds / 1_000_000_000_000_000 }
}

extension TimeSource {
    var moment: Ageing.Moment {
        let boot = sinceBoot()
        return Ageing.Moment(wall: now(), elapsed: boot?.elapsed ?? uptime(), boot: boot?.id)
    }
}
