package import RelayCore

/// Which events are meant; a member that is nil leaves everything through.
package struct OutboxFilter: Codable, Equatable, Sendable {
    /// Received at this moment or later.
    package var since: Timestamp?
    /// Received before this moment.
    package var until: Timestamp?
    package var user: UserID?
    /// Connected in the fact, or the account that the event is about.
    package var account: AccountID?
    package var event: EventName?
    package var state: EntryState?
    package var id: EventID?

    package init() {}
}

/// Where an event stands.
package enum EntryState: String, Codable, Sendable, CaseIterable {
    case pending
    case published
    /// Kafka will never take it as it is.
    case dead
    /// Dead, and given up by an operator.
    case discarded
    /// Its entry was forgotten after `outbox.retention`; the fact is still known.
    case pruned
}

/// A part of an SQL condition with what it binds.
struct Condition {
    var terms: [String] = []
    var values: [SQLiteValue] = []

    mutating func add(_ term: String, _ values: SQLiteValue...) {
        terms.append(term)
        self.values += values
    }

    var sql: String { terms.isEmpty ? "1" : terms.joined(separator: " AND ") }
}

extension OutboxFilter {
    /// On `entries e LEFT JOIN outcomes o LEFT JOIN facts f`.
    var onEntries: Condition {
        var condition = Condition()
        if let since { condition.add("e.received >= ?", .integer(since.milliseconds)) }
        if let until { condition.add("e.received < ?", .integer(until.milliseconds)) }
        if let user { condition.add("e.user = ?", .text(user.text)) }
        if let event { condition.add("e.event = ?", .text(event.text)) }
        if let id { condition.add("e.fact = ?", .id(id)) }
        switch state {
        case .pending: condition.add("coalesce(o.state, 'pending') = 'pending'")
        case .published: condition.add("o.state = 'published'")
        case .dead: condition.add("o.state = 'dead' AND o.discarded IS NULL")
        case .discarded: condition.add("o.discarded IS NOT NULL")
        case .pruned: condition.add("0")
        case nil: break
        }
        if let account {
            // Events about one account name it in their data; only of those is the body read.
            condition.add(
                "CASE WHEN f.members IS NULL THEN instr(e.body, ?) > 0 ELSE instr(',' || f.members || ',', ?) > 0 END",
                .blob(Array("\"account\":\"\(account.text)\"".utf8)),
                .text(",\(account.text),")
            )
        }
        return condition
    }

    /// On `facts f`, of those whose entries are gone.
    var onForgotten: Condition {
        var condition = Condition()
        if let since { condition.add("f.first_seen >= ?", .integer(since.milliseconds)) }
        if let until { condition.add("f.first_seen < ?", .integer(until.milliseconds)) }
        if let user { condition.add("f.user = ?", .text(user.text)) }
        if let event { condition.add("f.event = ?", .text(event.text)) }
        if let id { condition.add("f.id = ?", .id(id)) }
        if let account { condition.add("instr(',' || f.members || ',', ?) > 0", .text(",\(account.text),")) }
        condition.add("NOT EXISTS (SELECT 1 FROM entries WHERE entries.sequence = f.sequence)")
        return condition
    }
}
