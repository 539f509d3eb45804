package import RelayCore

/// Questions from outside. They are visits to the writer between two transactions, each a bounded slice: a second connection would
/// bring back SQLite's WAL-reset race, and an append waits for one slice at most.
extension SQLiteOutbox {
    /// What one page may make the relay look at, and hold in memory, at most.
    private static var rowsPerPage: Int { 100_000 }
    private static var bytesPerPage: Int { 4 << 20 }

    /// One page of what `query` asks for.
    package func events(_ query: EventQuery) async throws(OutboxError) -> EventPage {
        if let id = query.filter.id {
            guard query.cursor == nil, let record = try await event(id, whole: false, includesData: query.includesData) else {
                return EventPage(events: [], next: nil)
            }
            let matches = try await visit { writer throws(SQLiteError) in
                try writer.scan(query.filter, beyond: record.sequence - 1, newestFirst: false, wanted: 1).sequences.first
            }
            let isMeant = matches == record.sequence || (record.state == .pruned && query.filter.state ?? .pruned == .pruned)
            return EventPage(events: isMeant ? [record] : [], next: nil)
        }
        if let user = query.filter.user, query.newestFirst { return try await events(of: user, query) }
        return try await scannedEvents(query)
    }

    /// Everything that is known of one event; nil when nothing is.
    package func event(_ id: EventID, whole: Bool = true, includesData: Bool = false) async throws(OutboxError) -> EventRecord? {
        try await visit { writer throws(SQLiteError) in try writer.record(of: id, whole: whole, includesData: includesData) }
    }

    private func scannedEvents(_ query: EventQuery) async throws(OutboxError) -> EventPage {
        var position: Int64
        switch (query.cursor, query.newestFirst) {
        case (.below(let sequence), true), (.above(let sequence), false): position = sequence
        case (_, true): position = .max
        case (_, false): position = 0
        }
        var page = EventPage(events: [], next: nil)
        var seen = 0
        var bytes = 0
        while true {
            let wanted = query.limit - page.events.count
            let from = position
            let slice = try await visit { writer throws(SQLiteError) in
                try writer.scan(query.filter, beyond: from, newestFirst: query.newestFirst, wanted: wanted)
            }
            var rest = slice.sequences[...]
            while !rest.isEmpty {
                let few = Array(rest.prefix(50))
                rest = rest.dropFirst(50)
                let records = try await visit { writer throws(SQLiteError) in
                    var records: [EventRecord] = []
                    for sequence in few {
                        if let record = try writer.record(at: sequence, whole: false, includesData: query.includesData) {
                            records.append(record)
                        }
                    }
                    return records
                }
                for record in records {
                    page.events.append(record)
                    bytes += query.includesData ? record.size ?? 0 : 0
                    if bytes >= Self.bytesPerPage {
                        page.next = cursor(record.sequence, query)
                        return page
                    }
                }
            }
            position = slice.position
            seen += slice.seen
            if slice.isAtEnd { return page }
            if page.events.count >= query.limit || seen >= Self.rowsPerPage {
                page.next = cursor(position, query)
                return page
            }
        }
    }

    private func cursor(_ sequence: Int64, _ query: EventQuery) -> String {
        (query.newestFirst ? EventCursor.below(sequence) : .above(sequence)).description
    }

    private func events(of user: UserID, _ query: EventQuery) async throws(OutboxError) -> EventPage {
        var page = EventPage(events: [], next: nil)
        var from: EventID? = if case .fact(let id) = query.cursor { id } else { nil }
        var bytes = 0
        for _ in 0..<Self.rowsPerPage / OutboxWriter.scanRows {
            let start = from
            let limit = min(50, query.limit - page.events.count)
            let (records, next) = try await visit { writer throws(SQLiteError) in
                let (found, next) = try writer.chain(query.filter, user: user, from: start, limit: limit)
                var records: [EventRecord] = []
                for id in found {
                    if let record = try writer.record(of: id, whole: false, includesData: query.includesData) { records.append(record) }
                }
                return (records, next)
            }
            page.events += records
            bytes += records.reduce(0) { $0 + (query.includesData ? $1.size ?? 0 : 0) }
            from = next
            page.next = next.map { EventCursor.fact($0).description }
            if next == nil || page.events.count >= query.limit || bytes >= Self.bytesPerPage { break }
        }
        return page
    }

    /// The schema's version.
    package static var schemaVersion: Int { Schema.migrations.count }
}
