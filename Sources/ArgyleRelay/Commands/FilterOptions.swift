import ArgumentParser
import RelayCore
import RelayOutbox

/// Which events a command means.
struct FilterOptions: ParsableArguments {
    @Option(help: "Received at or after this moment: RFC 3339, a date, or an age such as 90s, 15m, 2h, 7d.")
    var since: String?

    @Option(help: "Received before this moment; as --since.")
    var until: String?

    @Option(help: "Of this user.") var user: String?
    @Option(help: "With this account.") var account: String?
    @Option(help: "Of this name, such as users.fully_synced.") var event: String?
    @Option(help: "pending, published, dead or discarded.") var state: String?
    @Option(help: "The one event with this id.") var id: String?

    func filter(now: Timestamp = TimeSource.system.now()) throws -> OutboxFilter {
        var filter = OutboxFilter()
        filter.since = try read(since, "--since", "a moment (RFC 3339, a date) or an age such as 2h") { Self.moment($0, now: now) }
        filter.until = try read(until, "--until", "a moment (RFC 3339, a date) or an age such as 2h") { Self.moment($0, now: now) }
        filter.user = try read(user, "--user", "a user's id") { UserID($0) }
        filter.account = try read(account, "--account", "an account's id") { AccountID($0) }
        filter.event = try read(event, "--event", "an event's name") { EventName($0) }
        filter.state = try read(state, "--state", "pending, published, dead or discarded") { EntryState(rawValue: $0) }
        filter.id = try read(id, "--id", "an event's id") { EventID($0) }
        return filter
    }

    private func read<Value>(_ text: String?, _ name: String, _ what: String, _ read: (String) -> Value?) throws -> Value? {
        guard let text else { return nil }
        guard let value = read(text) else { throw ValidationError("\(name) must be \(what), not '\(text)'") }
        return value
    }

    /// A moment, or how long before `now`.
    static func moment(_ text: String, now: Timestamp) -> Timestamp? {
        if let moment = Timestamp(text) { return moment }
        let units: [Character: Int64] = ["s": 1, "m": 60, "h": 3600, "d": 86_400]
        guard let unit = text.last.flatMap({ units[$0] }), let count = Int64(text.dropLast()), (0...100_000_000).contains(count) else {
            return nil
        }
        return now.advanced(by: .seconds(-count * unit))
    }
}

extension EventID {
    /// An argument that must be an event's id.
    static func argument(_ text: String) throws -> EventID {
        guard let id = EventID(text) else { throw ValidationError("'\(text)' is no event's id: a UUID, as 'outbox list' shows it") }
        return id
    }
}
