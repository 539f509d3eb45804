import RelayCore

/// Facts as the ingress makes them: through verifier and decoder.
enum SampleFact {
    static let start = Timestamp(milliseconds: 1_795_425_175_123)

    static func verified(_ body: String, at moment: Timestamp = start) throws -> VerifiedDelivery {
        try SignatureVerifier(secrets: [], required: false)
            .verify(Delivery(body: Array(body.utf8), signature: nil, receivedAt: moment))
    }

    static func reading(_ body: String, at moment: Timestamp = start) throws -> Fact {
        let delivery = try verified(body, at: moment)
        do throws(Unreadable) { return Fact(recognising: try EventDecoder().decode(delivery)) } catch {
            return Fact(unreadable: error, in: delivery)
        }
    }

    static func sync(
        _ user: String = "user-1",
        _ accounts: [String] = ["a"],
        subscription: String = "n",
        padding: Int = 0,
        externalID: String? = nil,
        at moment: Timestamp = start
    ) throws -> Fact {
        let list = accounts.map { "\"\($0)\"" }.joined(separator: ",")
        let name = externalID ?? String(repeating: "x", count: padding)
        let more = name.isEmpty ? "" : #","external_id":"\#(name)""#
        let body =
            #"{"event":"users.fully_synced","name":"\#(subscription)","data":{"user":"\#(user)","resource":{"accounts_connected":[\#(list)]\#(more)}}}"#
        return try reading(body, at: moment)
    }

    /// Carries ids alone.
    static func identity(_ user: String = "user-1", at moment: Timestamp = start) throws -> Fact {
        try reading(#"{"event":"identities.updated","data":{"account":"a","user":"\#(user)","identity":"i"}}"#, at: moment)
    }

    static func account(_ user: String = "user-1", count: Int, at moment: Timestamp = start) throws -> Fact {
        try reading(
            #"{"event":"paystubs.fully_synced","data":{"user":"\#(user)","account":"a","available_count":\#(count)}}"#,
            at: moment
        )
    }

    static func unreadable(_ number: Int = 0, at moment: Timestamp = start) throws -> Fact {
        try reading("not JSON \(number)", at: moment)
    }
}
