import RelayCore
package import RelayOutbox

/// The parameters of a URL's query, each named at most once; decoded by RFC 3986, section 2.1, and nothing else: `+` is a plus.
struct URLQuery {
    private var values: [String: String] = [:]

    init(_ query: String?) throws(OperationFault) {
        for part in (query ?? "").split(separator: "&") {
            let pair = part.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            guard pair.count == 2, let name = Self.decoded(pair[0]), let value = Self.decoded(pair[1]) else {
                throw .invalid("the query: name=value pairs, percent-encoded, joined by &")
            }
            guard values.updateValue(value, forKey: name) == nil else { throw .invalid("\(name.prefix(40)): given twice") }
        }
    }

    mutating func take(_ name: String) -> String? { values.removeValue(forKey: name) }

    /// Reads what must be of a type; nil where it is not given.
    mutating func take<Value>(_ name: String, _ what: String, _ read: (String) -> Value?) throws(OperationFault) -> Value? {
        guard let text = take(name) else { return nil }
        guard let value = read(text) else { throw .invalid("\(name): must be \(what)") }
        return value
    }

    func finish() throws(OperationFault) {
        if let rest = values.keys.sorted().first { throw .invalid("\(rest.prefix(40)): no such parameter") }
    }

    /// Of a query in which only this one flag may stand.
    func flag(_ name: String) throws(OperationFault) -> Bool {
        var query = self
        let value = try query.take(name, "true or false") { Bool($0) } ?? false
        try query.finish()
        return value
    }

    private static func decoded(_ text: Substring) -> String? {
        var bytes: [UInt8] = []
        var rest = Array(text.utf8)[...]
        while let byte = rest.popFirst() {
            guard byte == 0x25 else {
                bytes.append(byte)
                continue
            }
            guard let high = rest.popFirst().flatMap(Hexadecimal.value), let low = rest.popFirst().flatMap(Hexadecimal.value) else {
                return nil
            }
            bytes.append(high << 4 | low)
        }
        return String(validating: bytes, as: UTF8.self)
    }
}

extension EventQuery {
    /// Reads the query of `GET /v1/events`.
    init(urlQuery text: String?) throws(OperationFault) {
        var query = try URLQuery(text)
        var filter = OutboxFilter()
        filter.since = try query.take("since", "a moment as of RFC 3339") { Timestamp($0) }
        filter.until = try query.take("until", "a moment as of RFC 3339") { Timestamp($0) }
        filter.user = try query.take("user", "a user's id") { UserID($0) }
        filter.account = try query.take("account", "an account's id") { AccountID($0) }
        filter.event = try query.take("event", "an event's name") { EventName($0) }
        filter.state = try query.take("state", EntryState.allCases.map(\.rawValue).joined(separator: ", ")) { EntryState(rawValue: $0) }
        filter.id = try query.take("id", "an event's id") { EventID($0) }
        let limit = try query.take("limit", "a whole number from 1 to \(Self.largestPage)") { text in
            Int(text).flatMap { (1...Self.largestPage).contains($0) ? $0 : nil }
        }
        let order = try query.take("order", "newest or oldest") { ["newest", "oldest"].contains($0) ? $0 : nil }
        let data = try query.take("data", "true or false") { Bool($0) }
        let cursor = try query.take("cursor", "one that was given as next") { EventCursor($0) }
        try query.finish()
        self.init(filter: filter, limit: limit ?? 50, newestFirst: order != "oldest", includesData: data ?? false, cursor: cursor)
    }

    /// The query of `GET /v1/events` that asks for this.
    package var urlQuery: String {
        var parts = ["limit=\(limit)", "order=\(newestFirst ? "newest" : "oldest")"]
        if let since = filter.since { parts.append("since=\(since)") }
        if let until = filter.until { parts.append("until=\(until)") }
        if let user = filter.user { parts.append("user=\(user.text)") }
        if let account = filter.account { parts.append("account=\(account.text)") }
        if let event = filter.event { parts.append("event=\(event.text)") }
        if let state = filter.state { parts.append("state=\(state.rawValue)") }
        if let id = filter.id { parts.append("id=\(id)") }
        if includesData { parts.append("data=true") }
        if let cursor { parts.append("cursor=\(cursor)") }
        return parts.joined(separator: "&")
    }
}
