import Foundation
import RelayCore
package import RelayOutbox

/// The JSON of the admin API: members in snake case; members that nobody knows are refused, so that a slip never means "everything".
package enum AdminJSON {
    package static func encode(_ value: some Encodable) -> [UInt8] {
        let encoder = JSONEncoder()
        encoder.keyEncodingStrategy = .convertToSnakeCase
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        // Our own types always encode; were one not to, an empty object is seen at once.
        return ((try? encoder.encode(value)).map { Array($0) } ?? Array("{}".utf8)) + [0x0A]
    }

    /// Reads a body; an empty one is an empty object.
    package static func decode<Value: Decodable>(_ type: Value.Type, _ body: [UInt8]) throws(OperationFault) -> Value {
        let decoder = JSONDecoder()
        decoder.keyDecodingStrategy = .convertFromSnakeCase
        do { return try decoder.decode(type, from: Data(body.isEmpty ? Array("{}".utf8) : body)) } catch {
            throw .invalid(sentence(error))
        }
    }

    private static func sentence(_ error: any Error) -> String {
        guard let error = error as? DecodingError else { return "the body is no JSON object" }
        func place(_ context: DecodingError.Context, _ last: (any CodingKey)? = nil) -> String {
            (context.codingPath + [last].compactMap(\.self)).map(\.stringValue).joined(separator: ".")
        }
        switch error {
        case .keyNotFound(let key, let context): return "\(place(context, key)): missing"
        case .typeMismatch(let type, let context): return "\(place(context)): must be \(name(type))"
        case .valueNotFound(let type, let context): return "\(place(context)): must be \(name(type)), not null"
        case .dataCorrupted(let context):
            return context.codingPath.isEmpty ? "the body: \(context.debugDescription)" : "\(place(context)): \(context.debugDescription)"
        @unknown default: return "the body is not as documented"
        }
    }

    private static func name(_ type: Any.Type) -> String {
        switch type {
        case is String.Type: "a string"
        case is Int.Type: "a whole number"
        case is Bool.Type: "true or false"
        default: "an object"
        }
    }
}

/// Refuses members beyond those named.
struct KnownKeys: CodingKey {
    let stringValue: String
    let intValue: Int? = nil
    init(stringValue: String) { self.stringValue = stringValue }
    init?(intValue: Int) { nil }

    static func check(_ decoder: any Decoder, allowed: [String]) throws {
        let keys = try decoder.container(keyedBy: KnownKeys.self).allKeys.map(\.stringValue)
        guard let unknown = keys.first(where: { !allowed.contains($0) }) else { return }
        let known = allowed.isEmpty ? "no members" : allowed.map(snake).joined(separator: ", ")
        throw DecodingError.dataCorrupted(
            DecodingError.Context(
                codingPath: decoder.codingPath,
                debugDescription: "'\(snake(String(unknown.prefix(40))))' is not known here, but \(known)"
            )
        )
    }

    /// As it stands in JSON.
    private static func snake(_ name: String) -> String {
        name.map { $0.isUppercase ? "_\($0.lowercased())" : String($0) }.joined()
    }
}

/// A body that says nothing.
struct NothingBody: Decodable {
    init(from decoder: any Decoder) throws { try KnownKeys.check(decoder, allowed: []) }
}

/// `POST events/{id}/discard`
struct DiscardBody: Decodable {
    let reason: String

    private enum CodingKeys: CodingKey { case reason }

    init(from decoder: any Decoder) throws {
        try KnownKeys.check(decoder, allowed: ["reason"])
        reason = try decoder.container(keyedBy: CodingKeys.self).decode(String.self, forKey: .reason)
    }
}

/// `POST backups`
struct BackupBody: Decodable {
    let path: String

    private enum CodingKeys: CodingKey { case path }

    init(from decoder: any Decoder) throws {
        try KnownKeys.check(decoder, allowed: ["path"])
        path = try decoder.container(keyedBy: CodingKeys.self).decode(String.self, forKey: .path)
    }
}

/// `POST replays`: the filter's members beside `rate`, `dry_run` and `requested_by`.
package struct ReplayBody: Codable {
    package var order: ReplayOrder
    package var dryRun: Bool

    package init(order: ReplayOrder, dryRun: Bool) {
        self.order = order
        self.dryRun = dryRun
    }

    private enum CodingKeys: String, CodingKey, CaseIterable {
        case since, until, user, account, event, state, id, rate, dryRun, requestedBy
    }

    package init(from decoder: any Decoder) throws {
        try KnownKeys.check(decoder, allowed: CodingKeys.allCases.map(\.rawValue))
        let members = try decoder.container(keyedBy: CodingKeys.self)
        order = ReplayOrder(
            filter: try OutboxFilter(from: decoder),
            rate: try members.decodeIfPresent(Int.self, forKey: .rate) ?? ReplayOrder.defaultRate,
            requestedBy: try members.decodeIfPresent(String.self, forKey: .requestedBy) ?? "api"
        )
        dryRun = try members.decodeIfPresent(Bool.self, forKey: .dryRun) ?? false
    }

    package func encode(to encoder: any Encoder) throws {
        try order.filter.encode(to: encoder)
        var members = encoder.container(keyedBy: CodingKeys.self)
        try members.encode(order.rate, forKey: .rate)
        try members.encode(order.requestedBy, forKey: .requestedBy)
        try members.encode(dryRun, forKey: .dryRun)
    }
}

/// `POST reroutes`
package struct RerouteBody: Codable {
    package var topic: String
    package var dryRun: Bool

    package init(topic: String, dryRun: Bool) {
        self.topic = topic
        self.dryRun = dryRun
    }

    private enum CodingKeys: String, CodingKey, CaseIterable { case topic, dryRun }

    package init(from decoder: any Decoder) throws {
        try KnownKeys.check(decoder, allowed: CodingKeys.allCases.map(\.rawValue))
        let members = try decoder.container(keyedBy: CodingKeys.self)
        topic = try members.decode(String.self, forKey: .topic)
        dryRun = try members.decodeIfPresent(Bool.self, forKey: .dryRun) ?? false
    }
}

/// `GET replays`
package struct ReplayList: Codable, Sendable {
    package var replays: [ReplayRecord]
}
