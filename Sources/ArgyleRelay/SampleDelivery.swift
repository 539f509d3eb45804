import RelayCore

/// Deliveries as Argyle words them, for `send` and `demo`; users and accounts are UUIDs derived from numbers, so that a run can
/// be repeated.
enum SampleDelivery {
    /// The body of `users.fully_synced` of the example in Argyle's documentation, for user number `user` with its first
    /// `accounts` accounts.
    static func body(user: String, accounts: [String]) -> [UInt8] {
        var json = JSONWriter(reserving: 640)
        json.raw(#"{"event":"users.fully_synced","name":"argyle-relay-sample","data":{"user":"#)
        json.string(user)
        json.raw(#","resource":{"id":"#)
        json.string(user)
        json.raw(#","accounts_connected":"#)
        json.strings(accounts)
        json.raw(#","items_connected":"#)
        json.strings(accounts.indices.map { "item_00000000\($0 + 1)" })
        json.raw(#","employers_connected":["Whole Goods","Bullseye"],"external_metadata":{},"external_id":"July_Connection","#)
        json.raw(#""created_at":"2023-04-27T07:02:01.279Z"}}}"#)
        return json.bytes
    }

    /// The user of Argyle's example.
    static let user = "018051aa-f7a9-a0db-2f38-6cfa325e9d69"
    /// The accounts of Argyle's example, and one more that is connected later.
    static let accounts = [
        "0185a8b8-60eb-80ca-7482-5f24504573f7", "0187c66e-e7e5-811c-b006-2232f00f426a", "018c3f2a-4d41-7a6b-9f0e-5b1c2d3e4f50",
    ]

    /// A UUID that belongs to `number` of this `run`.
    static func identifier(_ kind: String, _ number: Int, run: String) -> String {
        EventID(naming: Array("sample|\(run)|\(kind)|\(number)".utf8)).description
    }

    /// What Argyle puts into its header.
    static func signature(of body: [UInt8], secret: [UInt8]) -> String {
        Hexadecimal.encode(Digest.hmac(.sha512, key: secret, message: body))
    }
}
