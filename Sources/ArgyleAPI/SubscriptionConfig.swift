/// What a subscription asks for beyond its events: the member `config` of `/v2/webhooks`.
///
/// Two are equal where Argyle would deliver the same: what is absent, null, false or empty says nothing, and items are a set. Members that this
/// version does not know are kept and compared as well, so that nobody takes a subscription for one that it is not.
package struct SubscriptionConfig: Sendable, Equatable {
    package static let none = SubscriptionConfig()

    private let members: [String: JSONTree]

    /// - Parameters:
    ///   - includeResource: deliveries of accounts' events carry the account as well.
    ///   - daysSynced: of how many days the data must be there for a `partially_synced`.
    ///   - items: whose `items.*` events are wanted.
    package init(includeResource: Bool = false, daysSynced: Int? = nil, items: [String] = []) {
        self.init([
            "include_resource": .bool(includeResource), "days_synced": daysSynced.map { .integer(Int64($0)) } ?? .null,
            "items": .list(items.map(JSONTree.text)),
        ])
    }

    private init(_ members: [String: JSONTree]) {
        var said = members.filter { !$0.value.saysNothing }
        if case .list(let items)? = said["items"] { said["items"] = .list(JSONTree.set(items)) }
        self.members = said
    }

    package var isNone: Bool { members.isEmpty }
}

extension SubscriptionConfig: Codable {
    package init(from decoder: any Decoder) throws {
        self.init(try decoder.singleValueContainer().decode([String: JSONTree].self))
    }

    package func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(members)
    }
}

extension SubscriptionConfig: CustomStringConvertible {
    /// Such as `days_synced=30 include_resource=true`; empty where nothing is asked for.
    package var description: String {
        members.sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value)" }.joined(separator: " ")
    }
}

/// Any JSON value, for members that belong to Argyle and are only compared and given back.
enum JSONTree: Codable, Sendable, Equatable, CustomStringConvertible {
    case null
    case bool(Bool)
    case integer(Int64)
    case number(Double)
    case text(String)
    case list([JSONTree])
    case members([String: JSONTree])

    init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        if container.decodeNil() {
            self = .null
        } else if let bool = try? container.decode(Bool.self) {
            self = .bool(bool)
        } else if let integer = try? container.decode(Int64.self) {
            self = .integer(integer)
        } else if let number = try? container.decode(Double.self) {
            self = .number(number)
        } else if let text = try? container.decode(String.self) {
            self = .text(text)
        } else if let list = try? container.decode([JSONTree].self) {
            self = .list(list)
        } else {
            self = .members(try container.decode([String: JSONTree].self))
        }
    }

    func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        switch self {
        case .null: try container.encodeNil()
        case .bool(let bool): try container.encode(bool)
        case .integer(let integer): try container.encode(integer)
        case .number(let number): try container.encode(number)
        case .text(let text): try container.encode(text)
        case .list(let list): try container.encode(list)
        case .members(let members): try container.encode(members)
        }
    }

    /// Whether its absence would say the same.
    fileprivate var saysNothing: Bool {
        switch self {
        case .null, .bool(false): true
        case .text(let text): text.isEmpty
        case .list(let list): list.isEmpty
        case .members(let members): members.isEmpty
        case .bool, .integer, .number: false
        }
    }

    /// Each once, in one order.
    fileprivate static func set(_ list: [JSONTree]) -> [JSONTree] {
        var each: [String: JSONTree] = [:]
        for element in list { each[element.description] = element }
        return each.sorted { $0.key < $1.key }.map(\.value)
    }

    var description: String {
        switch self {
        case .null: "null"
        case .bool(let bool): "\(bool)"
        case .integer(let integer): "\(integer)"
        case .number(let number): "\(number)"
        case .text(let text): text
        case .list(let list): list.map(\.description).joined(separator: ",")
        case .members(let members): "{\(members.sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value)" }.joined(separator: " "))}"
        }
    }
}
