import RelayCore
import Testing

/// The expected ids are Python's: `uuid.uuid5(uuid.uuid5(uuid.NAMESPACE_URL, "https://api.argyle.com/v2/webhooks"), name)`.
@Suite("The identity of a fact", .timeLimit(.minutes(5)))
struct FactTests {
    private let one = Sample.first
    private let two = Sample.second

    @Test("is the UUIDv5 that anyone can recompute from user and accounts")
    func vector() throws {
        #expect(try Sample.id(Sample.argyle) == "fa921d79-d87c-5bb0-b847-26701c0be957")
        #expect(try Sample.id(Sample.accounts([one])) == "9e6c0ee8-8077-5bf7-8265-e2b83383f63d")
        #expect(try Sample.id(Sample.accounts([])) == "43793a4b-d62b-55e4-933d-ebfbc79e9e44")
    }

    @Test("takes no notice of the accounts' order, case and repeats")
    func sameSet() throws {
        for accounts in [[one, two], [two, one], [two.uppercased(), one], [one, one, two, two.uppercased()]] {
            #expect(try Sample.id(Sample.accounts(accounts)) == "fa921d79-d87c-5bb0-b847-26701c0be957")
        }
    }

    @Test("takes no notice of the subscription, the formatting, the user's case and what else the body says")
    func sameFact() throws {
        let bodies = [
            Sample.argyle,
            Sample.argyle.replacing("name-for-the-webhook-subscription", with: "another"),
            Sample.argyle.replacing("\n", with: ""),
            Sample.argyle.replacing(Sample.user, with: Sample.user.uppercased()),
            Sample.argyle.replacing("July_Connection", with: "August").replacing("item_000000001", with: "item_7"),
        ]
        for body in bodies { #expect(try Sample.id(body) == "fa921d79-d87c-5bb0-b847-26701c0be957") }
    }

    @Test("differs with the user, and with the set")
    func differs() throws {
        let base = try Sample.id(Sample.argyle)
        #expect(try Sample.id(Sample.argyle.replacing(Sample.user, with: "018051aa-f7a9-a0db-2f38-6cfa325e9d68")) != base)
        #expect(try Sample.id(Sample.argyle.replacing(one, with: "0185a8b8-60eb-80ca-7482-5f24504573f8")) != base)
    }

    @Test("puts items in the accounts' place where those are absent or null, in byte order")
    func items() throws {
        let expected = "73f3d9f1-3632-5392-98a6-c2c6d605abac"
        #expect(try Sample.id(Sample.sync(#""items_connected":["item_000000002","item_000000001"]"#)) == expected)
        #expect(
            try Sample.id(Sample.sync(#""accounts_connected":null,"items_connected":["item_000000001","item_000000002"]"#)) == expected
        )
        #expect(
            try Sample.id(Sample.sync(#""items_connected":["item_1","Item_9","item_1"]"#)) == "93a38c6f-4c2e-5d4e-9d38-af2ba81ee57c"
        )
    }

    @Test("of an account's event lies in event, user, account, dates and count")
    func account() throws {
        let body = """
            {"event":"paystubs.fully_synced","name":"n","data":{"account":"\(one.uppercased())","user":"\(Sample.user)",
             "available_from":"2020-01-01T00:00:00Z","available_to":"2023-04-01T00:00:00Z","available_count":48}}
            """
        #expect(try Sample.id(body) == "4b49b182-aa72-5aab-a973-4535d0bd1f83")
        #expect(try Sample.id(body.replacing(#""name":"n","#, with: "")) == "4b49b182-aa72-5aab-a973-4535d0bd1f83")
        #expect(try Sample.id(body.replacing("48", with: "49")) != "4b49b182-aa72-5aab-a973-4535d0bd1f83")
        let bare = #"{"event":"paystubs.fully_synced","data":{"user":"\#(Sample.user)","account":"\#(one)","available_to":null}}"#
        #expect(try Sample.id(bare) == "5aee81a5-1a41-5c14-8142-c29a08f62dda")
        let zero = #"{"event":"gigs.fully_synced","data":{"user":"\#(Sample.user)","account":"\#(one)","available_count":0}}"#
        #expect(try Sample.id(zero) == "ac7ac31d-f306-55e1-8d68-67ce51a14f70")
    }

    @Test("of any other event lies in its bytes")
    func other() throws {
        let body = #"{"event":"accounts.connected","data":{"user":"u1","account":"a1"}}"#
        #expect(try Sample.id(body) == "313d66bb-4f25-5e09-9eea-93380fd5d052")
        #expect(try Sample.id(body + " ") != "313d66bb-4f25-5e09-9eea-93380fd5d052")
        let accountless = #"{"event":"shifts.fully_synced","data":{"user":"u1"}}"#
        #expect(try Sample.id(accountless) == "97728bf9-6757-5ece-95ed-5744480c149a")
    }

    @Test("of what nobody could read lies in its bytes too, apart from every event's")
    func unreadable() throws {
        let delivery = Sample.verified(Array(#"{"event":"users.fully_synced","data":7}"#.utf8))
        let fact = Fact(unreadable: Unreadable(.dataInvalid, "d"), in: delivery)
        #expect(fact.id.description == "45a1976f-fe0b-5aed-957e-f2cb9b189c94")
        #expect(fact.receivedAt == Sample.receivedAt)
        #expect(fact.secret == nil)
    }
}
