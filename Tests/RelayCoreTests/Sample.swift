import RelayCore

/// Bodies and what the core makes of them, for the suites of this target.
enum Sample {
    static let user = "018051aa-f7a9-a0db-2f38-6cfa325e9d69"
    static let first = "0185a8b8-60eb-80ca-7482-5f24504573f7"
    static let second = "0187c66e-e7e5-811c-b006-2232f00f426a"
    static let receivedAt = Timestamp(milliseconds: 1_795_425_175_123)

    /// The example of https://docs.argyle.com/api-reference/users-webhooks#users-fully-synced, member by member.
    static let argyle = """
        {
          "event": "users.fully_synced",
          "name": "name-for-the-webhook-subscription",
          "data": {
            "user": "018051aa-f7a9-a0db-2f38-6cfa325e9d69",
            "resource": {
              "id": "018051aa-f7a9-a0db-2f38-6cfa325e9d69",
              "accounts_connected": [
                "0185a8b8-60eb-80ca-7482-5f24504573f7",
                "0187c66e-e7e5-811c-b006-2232f00f426a"
              ],
              "items_connected": ["item_000000001", "item_000000002"],
              "employers_connected": ["Whole Goods", "Bullseye"],
              "external_metadata": {},
              "external_id": "July_Connection",
              "created_at": "2023-04-27T07:02:01.279Z"
            }
          }
        }
        """

    /// `users.fully_synced` of ``user`` with `resource` as the inside of its object.
    static func sync(_ resource: String) -> String {
        #"{"event":"users.fully_synced","name":"n","data":{"user":"\#(user)","resource":{\#(resource)}}}"#
    }

    static func accounts(_ accounts: [String]) -> String {
        sync(#""accounts_connected":[\#(accounts.map { "\"\($0)\"" }.joined(separator: ","))]"#)
    }

    static func verified(_ body: [UInt8]) -> VerifiedDelivery {
        do {
            return try SignatureVerifier(secrets: [], required: false)
                .verify(Delivery(body: body, signature: nil, receivedAt: receivedAt))
        } catch { preconditionFailure("an unsigned delivery is admitted where none need be signed") }
    }

    static func decode(_ body: [UInt8]) throws(Unreadable) -> ArgyleEvent { try EventDecoder().decode(verified(body)) }
    static func decode(_ body: String) throws(Unreadable) -> ArgyleEvent { try decode(Array(body.utf8)) }

    static func id(_ body: String) throws(Unreadable) -> String { Fact(recognising: try decode(body)).id.description }

    /// Why `body` cannot be read, nil when it can.
    static func fault(_ body: [UInt8]) -> Unreadable? {
        do throws(Unreadable) {
            _ = try decode(body)
            return nil
        } catch { return error }
    }

    static func fault(_ body: String) -> Unreadable.Code? { fault(Array(body.utf8))?.code }

    static func userSync(_ body: String) throws -> UserSync? {
        if case .userSync(let sync) = try decode(body).content { sync } else { nil }
    }
}

func text(_ bytes: [UInt8]?) -> String? { bytes.map { String(decoding: $0, as: UTF8.self) } }
