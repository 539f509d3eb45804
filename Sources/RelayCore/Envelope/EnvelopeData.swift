/// The `data` of an envelope, section 5 of the contract: what the event says, with the relay's findings beside it.
package enum EnvelopeData {
    /// - Parameters:
    ///   - transition: how the user's set changed; only `users.fully_synced` has one.
    ///   - includesRaw: adds the delivered JSON as `raw`, except to the `data` of another event that is no object or has a `raw`.
    /// - Returns: JSON.
    package static func make(of event: ArgyleEvent, transition: Transition?, includesRaw: Bool) -> [UInt8] {
        var json = JSONWriter(reserving: event.body.count + 256)
        switch event.content {
        case .userSync(let sync):
            write(sync, transition, to: &json)
            if let more = sync.more {
                CarriedMembers.write(from: more, of: event.body, besides: UserSync.members, clear: userSyncNames, to: &json)
            }
        case .accountSync(let sync):
            write(sync, to: &json)
            if let more = sync.more {
                CarriedMembers.write(from: more, of: event.body, besides: AccountSync.members, clear: accountSyncNames, to: &json)
            }
        case .other(let content):
            guard includesRaw, let members = memberCount(of: content.data) else { return content.data }
            json.raw(content.data.dropLast())
            json.raw(members == 0 ? #""raw":"# : #","raw":"#)
            json.raw(event.body)
            json.raw("}")
            return json.bytes
        }
        if includesRaw {
            json.raw(#","raw":"#)
            json.raw(event.body)
        }
        json.raw("}")
        return json.bytes
    }

    /// The names that `data` may give to what is the relay's, whether it does this time or not: a member's name hangs on no setting.
    private static let userSyncNames: [StaticString] = [
        "user", "accounts_connected", "accounts_added", "accounts_removed", "change", "revision", "items_connected", "employers_connected",
        "external_id", "external_metadata", "created_at", "raw",
    ]
    private static let accountSyncNames: [StaticString] = AccountSync.members + ["raw"]

    /// Nil where `raw` cannot be added: in what is no object, or has a member of that name already.
    private static func memberCount(of data: [UInt8]) -> Int? {
        guard data.first == 0x7B else { return nil }
        var scanner = JSONScanner(data)
        var count = 0
        var hasRaw = false
        do throws(JSONFault) {
            try scanner.object { (scanner, name) throws(JSONFault) in
                count += 1
                if name.equals("raw", in: scanner.bytes) { hasRaw = true }
                try scanner.value()
            }
        } catch {
            return nil
        }
        return hasRaw ? nil : count
    }

    private static func write(_ sync: UserSync, _ transition: Transition?, to json: inout JSONWriter) {
        json.raw(#"{"user":"#)
        json.string(sync.user.text)
        json.raw(#","accounts_connected":"#)
        if sync.connected.kind == .accounts { json.strings(sync.connected.members) } else { json.raw("null") }
        json.raw(#","accounts_added":"#)
        json.strings(transition?.accountsAdded ?? [])
        json.raw(#","accounts_removed":"#)
        json.strings(transition?.accountsRemoved ?? [])
        if let transition {
            json.raw(#","change":"#)
            json.string(transition.change.rawValue)
            json.raw(#","revision":"#)
            json.number(transition.revision)
        }
        member(#","items_connected":"#, sync.items, to: &json)
        member(#","employers_connected":"#, sync.employers, to: &json)
        member(#","external_id":"#, sync.externalID, to: &json)
        member(#","external_metadata":"#, sync.externalMetadata, to: &json)
        member(#","created_at":"#, sync.createdAt, to: &json)
    }

    private static func write(_ sync: AccountSync, to json: inout JSONWriter) {
        json.raw(#"{"user":"#)
        json.string(sync.user.text)
        json.raw(#","account":"#)
        json.string(sync.account.text)
        member(#","available_from":"#, sync.availableFrom?.json, to: &json)
        member(#","available_to":"#, sync.availableTo?.json, to: &json)
        member(#","available_count":"#, sync.availableCount?.json, to: &json)
    }

    private static func member(_ name: StaticString, _ value: [UInt8]?, to json: inout JSONWriter) {
        json.raw(name)
        if let value { json.raw(value) } else { json.raw("null") }
    }
}
