package import RelayCore

/// An account as `/v2/accounts` lists it, as far as it tells whether Argyle has retrieved all of it.
///
/// Strict about every member that decides: one that is missing would turn what was never told into silence.
package struct ArgyleAccount: Sendable, Equatable {
    package let id: AccountID
    package let user: UserID
    package let item: String?
    package let employers: [String]
    /// The last scan; nil of an account that never connected.
    let scannedAt: Timestamp?
    /// `connection.status`: `connecting`, `connected` or `error`.
    let connection: String
    /// Whether something of it is being retrieved: at first or again, which Argyle does not tell apart.
    let isRetrieving: Bool
    /// The newest of the times that it bears.
    let changedAt: Timestamp?

    /// How far it is, for itself.
    package enum Standing: Sendable, Equatable {
        /// All of it was retrieved once.
        case candidate
        /// Never connected, or not now.
        case unconnected
        /// Being retrieved, which may be for the first time.
        case retrieving
        /// It changed so lately that a delivery may be on its way.
        case unsettled
    }

    /// What is younger has a delivery that may yet come.
    package static let quiet = Duration.seconds(15 * 60)

    package func standing(at now: Timestamp) -> Standing {
        guard scannedAt != nil, connection == "connected" || connection == "error" else { return .unconnected }
        if isRetrieving { return .retrieving }
        guard let changedAt, now.elapsed(since: changedAt) >= Self.quiet else { return .unsettled }
        return .candidate
    }
}

extension ArgyleAccount: Decodable {
    private enum Key: String, CodingKey {
        case id, user, item, employers, connection, availability
        case scannedAt = "scanned_at"
        case updatedAt = "updated_at"
    }

    private enum ConnectionKey: String, CodingKey {
        case status
        case updatedAt = "updated_at"
    }

    package init(from decoder: any Decoder) throws {
        let members = try decoder.container(keyedBy: Key.self)
        id = try members.decode(AccountID.self, forKey: .id)
        user = try members.decode(UserID.self, forKey: .user)
        item = try members.decodeIfPresent(String.self, forKey: .item)
        employers = try members.decodeIfPresent([String].self, forKey: .employers) ?? []
        scannedAt = try members.decode(Timestamp?.self, forKey: .scannedAt)
        let link = try members.nestedContainer(keyedBy: ConnectionKey.self, forKey: .connection)
        connection = try link.decode(String.self, forKey: .status)
        let parts = try members.decode(Availability?.self, forKey: .availability) ?? Availability()
        isRetrieving = parts.isRetrieving
        let times = [
            scannedAt, parts.changedAt, try members.decodeIfPresent(Timestamp.self, forKey: .updatedAt),
            try link.decodeIfPresent(Timestamp.self, forKey: .updatedAt),
        ]
        changedAt = times.compactMap(\.self).max()
    }
}

/// `availability` of an account: what has been retrieved of each kind of data.
private struct Availability: Decodable {
    var isRetrieving = false
    var changedAt: Timestamp?

    init() {}

    /// What users upload themselves says nothing of a retrieval.
    private static let own: Set = ["user_forms", "user_uploads"]
    private static let documented: Set = [
        "shifts", "gigs", "paystubs", "payroll_documents", "identities", "ratings", "vehicles", "deposit_destinations",
    ]

    private struct Name: CodingKey {
        let stringValue: String
        var intValue: Int? { nil }
        init(stringValue: String) { self.stringValue = stringValue }
        init?(intValue: Int) { nil }
    }

    private struct Part: Decodable {
        let status: String
        let updated_at: Timestamp?

        var isOver: Bool { status == "synced" || status == "sync_failed" }
    }

    init(from decoder: any Decoder) throws {
        let parts = try decoder.container(keyedBy: Name.self)
        for name in parts.allKeys where !Self.own.contains(name.stringValue) {
            // A kind of data that Argyle adds may have another shape; the known ones may not.
            let isKnown = Self.documented.contains(name.stringValue)
            let part = try isKnown ? parts.decode(Part?.self, forKey: name) : (try? parts.decode(Part?.self, forKey: name)) ?? nil
            guard let part else { continue }
            if !part.isOver { isRetrieving = true }
            if let time = part.updated_at { changedAt = changedAt.map { max($0, time) } ?? time }
        }
    }
}
