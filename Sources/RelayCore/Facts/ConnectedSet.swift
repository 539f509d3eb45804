/// What a user has connected: a set of accounts or, from bodies that know none, of items. Sorted, without repeats.
package struct ConnectedSet: Hashable, Sendable {
    package enum Kind: Int64, Sendable {
        case accounts = 0
        case items = 1
    }

    package let kind: Kind
    package let members: [String]

    package init(accounts: some Sequence<AccountID>) {
        kind = .accounts
        members = Self.sorted(accounts.map(\.text))
    }

    package init(items: some Sequence<String>) {
        kind = .items
        members = Self.sorted(Array(items))
    }

    /// Reads back ``joined``.
    package init(kind: Kind, joined: String) {
        self.kind = kind
        members = joined.isEmpty ? [] : joined.split(separator: ",").map(String.init)
    }

    /// Members joined by commas, which no member holds.
    package var joined: String { members.joined(separator: ",") }

    /// Members that `other` lacks, in order; both are sorted, so one pass tells.
    package func subtracting(_ other: ConnectedSet) -> [String] {
        var rest: [String] = []
        var position = 0
        for member in members {
            while position < other.members.count, Self.precedes(other.members[position], member) { position += 1 }
            if position == other.members.count || other.members[position] != member { rest.append(member) }
        }
        return rest
    }

    private static func sorted(_ members: [String]) -> [String] {
        var sorted = members.sorted(by: precedes)
        var last: String?
        sorted.removeAll { member in
            defer { last = member }
            return member == last
        }
        return sorted
    }

    /// Byte order, so that anyone in any language sorts alike.
    private static func precedes(_ one: String, _ other: String) -> Bool { one.utf8.lexicographicallyPrecedes(other.utf8) }
}
