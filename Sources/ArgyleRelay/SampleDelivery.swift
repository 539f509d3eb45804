import RelayCore

/// Deliveries as Argyle words and indents them, for `send` and `demo`; users and accounts are UUIDs derived from numbers, so that a run can
/// be repeated.
enum SampleDelivery {
    /// The body of `users.fully_synced` of the example in Argyle's documentation, for user number `user` with its first
    /// `accounts` accounts.
    static func body(user: String, accounts: [String]) -> [UInt8] {
        var json = JSONWriter(reserving: 960)
        json.raw("{\n  \"event\": \"users.fully_synced\",\n  \"name\": \"argyle-relay-sample\",\n  \"data\": {\n    \"user\": ")
        json.string(user)
        json.raw(",\n    \"resource\": {\n      \"id\": ")
        json.string(user)
        list("accounts_connected", accounts, to: &json)
        list("items_connected", accounts.indices.map { "item_00000000\($0 + 1)" }, to: &json)
        list("employers_connected", ["Whole Goods", "Bullseye"], to: &json)
        json.raw(",\n      \"external_metadata\": {},\n      \"external_id\": \"July_Connection\",")
        json.raw("\n      \"created_at\": \"2023-04-27T07:02:01.279Z\"\n    }\n  }\n}")
        return json.bytes
    }

    private static func list(_ name: StaticString, _ texts: [String], to json: inout JSONWriter) {
        json.raw(",\n      \"")
        json.raw(name)
        json.raw("\": [")
        for (position, text) in texts.enumerated() {
            json.raw(position == 0 ? "\n        " : ",\n        ")
            json.string(text)
        }
        json.raw(texts.isEmpty ? "]" : "\n      ]")
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
