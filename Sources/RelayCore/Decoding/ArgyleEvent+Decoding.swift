extension UserSync {
    /// From `data` of `users.fully_synced`, whose facts lie in `data.resource`.
    init(data: Range<Int>?, in body: [UInt8]) throws(Unreadable) {
        guard let data, body[data.lowerBound] == 0x7B else { throw Unreadable(.dataInvalid, "data must be an object") }
        var scanner = JSONScanner(body, in: data)
        let outer = try scanner.members(["user", "resource"])
        guard let resource = outer[1], body[resource.lowerBound] == 0x7B else {
            throw Unreadable(.dataInvalid, "data.resource must be an object")
        }
        scanner = JSONScanner(body, in: resource)
        var hasOthers = false
        let inner = try scanner.members(Self.members, hasOthers: &hasOthers)
        user = try Self.user(named: outer[0], also: inner[0], in: scanner)
        connected = try Self.connected(accounts: inner[1], items: inner[2], in: scanner)
        items = inner[2].map { Array(body[$0]) }
        employers = inner[3].map { Array(body[$0]) }
        externalID = inner[4].map { Array(body[$0]) }
        externalMetadata = inner[5].map { Array(body[$0]) }
        createdAt = inner[6].map { Array(body[$0]) }
        more = hasOthers ? resource : nil
    }

    /// The members of `data.resource` that are understood, or carried under a name of their own.
    static let members: [StaticString] = [
        "id", "accounts_connected", "items_connected", "employers_connected", "external_id", "external_metadata", "created_at",
    ]

    /// `data.user`, or `data.resource.id` where only that is there; where both are they must agree.
    private static func user(
        named first: Range<Int>?,
        also second: Range<Int>?,
        in scanner: JSONScanner
    ) throws(Unreadable) -> UserID {
        let user = try first.map { (range) throws(Unreadable) in try UserID(at: range, in: scanner, named: "data.user") }
        let id = try second.map { (range) throws(Unreadable) in try UserID(at: range, in: scanner, named: "data.resource.id") }
        if let user, let id, user != id { throw Unreadable(.userMismatch, "data.user and data.resource.id differ") }
        guard let either = user ?? id else { throw Unreadable(.userMissing, "data.user is missing") }
        return either
    }

    private static func connected(
        accounts: Range<Int>?,
        items: Range<Int>?,
        in scanner: JSONScanner
    ) throws(Unreadable) -> ConnectedSet {
        if let accounts, !scanner.isNull(at: accounts) {
            guard let texts = try scanner.strings(at: accounts, named: "accounts_connected") else {
                throw Unreadable(.accountsInvalid, "accounts_connected must be a list of strings")
            }
            let identifiers = texts.compactMap(AccountID.init)
            guard identifiers.count == texts.count else {
                throw Unreadable(.accountsInvalid, "accounts_connected holds something that is no identifier")
            }
            return ConnectedSet(accounts: identifiers)
        }
        guard let items, !scanner.isNull(at: items) else {
            throw Unreadable(.accountsMissing, "neither accounts_connected nor items_connected is there")
        }
        guard let texts = try scanner.strings(at: items, named: "items_connected"), texts.allSatisfy(IdentifierSyntax.allows) else {
            throw Unreadable(.itemsInvalid, "items_connected must be a list of identifiers")
        }
        return ConnectedSet(items: texts)
    }
}

extension AccountSync {
    /// From `data` of an account's event; nil when it carries no account, which makes it any other event.
    init?(data: Range<Int>, in body: [UInt8]) throws(Unreadable) {
        guard body[data.lowerBound] == 0x7B else { return nil }
        var scanner = JSONScanner(body, in: data)
        var hasOthers = false
        let members = try scanner.members(Self.members, hasOthers: &hasOthers)
        guard let account = members[1], !scanner.isNull(at: account) else { return nil }
        guard let name = try scanner.string(at: account, named: "data.account").flatMap(AccountID.init) else {
            throw Unreadable(.accountInvalid, "data.account is no identifier")
        }
        guard let user = members[0] else { throw Unreadable(.userMissing, "data.user is missing") }
        self.user = try UserID(at: user, in: scanner, named: "data.user")
        self.account = name
        availableFrom = try JSONScalar(at: members[2], in: scanner, named: "data.available_from")
        availableTo = try JSONScalar(at: members[3], in: scanner, named: "data.available_to")
        availableCount = try JSONScalar(at: members[4], in: scanner, named: "data.available_count")
        more = hasOthers ? data : nil
    }

    /// The members of `data` that are understood.
    static let members: [StaticString] = ["user", "account", "available_from", "available_to", "available_count"]
}

extension OtherContent {
    /// `data` as it was delivered; its `user` becomes the record's key where there is one.
    init(data: Range<Int>?, in body: [UInt8]) throws(Unreadable) {
        guard let data else {
            self.init(user: nil, data: Array("null".utf8))
            return
        }
        var user: UserID?
        if body[data.lowerBound] == 0x7B {
            var scanner = JSONScanner(body, in: data)
            if let range = try scanner.members(["user"])[0], !scanner.isNull(at: range) {
                user = try UserID(at: range, in: scanner, named: "data.user")
            }
        }
        self.init(user: user, data: Array(body[data]))
    }
}

extension UserID {
    fileprivate init(at range: Range<Int>, in scanner: JSONScanner, named member: StaticString) throws(Unreadable) {
        guard let user = try scanner.string(at: range, named: member).flatMap(UserID.init) else {
            throw Unreadable(.userInvalid, "\(member) is no identifier")
        }
        self = user
    }
}

extension JSONScalar {
    /// Nil where nothing or `null` stands.
    fileprivate init?(at range: Range<Int>?, in scanner: JSONScanner, named member: StaticString) throws(Unreadable) {
        guard let range, !scanner.isNull(at: range) else { return nil }
        let json = Array(scanner.bytes[range])
        switch json[0] {
        case 0x7B, 0x5B: throw Unreadable(.memberInvalid, "\(member) must not be an object or a list")
        case 0x22:
            let text = try scanner.string(at: range, named: member) ?? ""
            // Two facts could have one name, were the names' separator allowed in a part.
            guard !text.utf8.contains(0x7C) else { throw Unreadable(.memberInvalid, "\(member) holds a |") }
            self.init(text: text, json: json)
        default: self.init(text: String(decoding: json, as: UTF8.self), json: json)
        }
    }
}
