/// The `users.fully_synced` that Argyle would have delivered, made of what its API shows.
package enum ReconciledBody {
    /// - Parameters:
    ///   - accounts: what the user has connected.
    ///   - items: of these accounts; in force where `profile` names none.
    ///   - employers: likewise.
    ///   - profile: the object of `/v2/users/{id}`, whose members travel along byte for byte; nil where there is none.
    /// - Returns: JSON.
    package static func make(
        user: UserID,
        accounts: ConnectedSet,
        items: [String],
        employers: [String],
        profile: [UInt8]?
    ) throws(Unreadable) -> [UInt8] {
        let bytes = profile ?? Array("{}".utf8)
        var scanner = JSONScanner(bytes)
        let members = try scanner.outermostMembers([
            "id", "items_connected", "employers_connected", "external_id", "external_metadata", "created_at",
        ])
        if profile != nil {
            let id = try members[0].flatMap { (range) throws(Unreadable) in try scanner.string(at: range, named: "id") }
            guard id.flatMap(UserID.init) == user else { throw Unreadable(.userMismatch, "id is not the user's") }
        }
        var json = JSONWriter(reserving: bytes.count + 512)
        json.raw(#"{"event":"users.fully_synced","data":{"user":"#)
        json.string(user.text)
        json.raw(#","resource":{"id":"#)
        json.string(user.text)
        json.raw(#","accounts_connected":"#)
        json.strings(accounts.members)
        json.raw(#","items_connected":"#)
        if let range = members[1] { json.raw(bytes[range]) } else { json.strings(items) }
        json.raw(#","employers_connected":"#)
        if let range = members[2] { json.raw(bytes[range]) } else { json.strings(employers) }
        for (name, range) in zip([#","external_id":"#, #","external_metadata":"#, #","created_at":"#], members[3...]) {
            guard let range else { continue }
            json.raw(name.utf8)
            json.raw(bytes[range])
        }
        json.raw("}}}")
        return json.bytes
    }
}
