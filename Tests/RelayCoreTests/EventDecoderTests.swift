import RelayCore
import Testing

@Suite("The decoder", .timeLimit(.minutes(5)))
struct EventDecoderTests {
    @Test("reads Argyle's own example")
    func example() throws {
        let event = try Sample.decode(Sample.argyle)
        #expect(event.name == .usersFullySynced)
        #expect(event.subscription == "name-for-the-webhook-subscription")
        #expect(event.receivedAt == Sample.receivedAt)
        #expect(event.body == Array(Sample.argyle.utf8))
        let sync = try #require(try Sample.userSync(Sample.argyle))
        #expect(sync.user.text == Sample.user)
        #expect(sync.connected.kind == .accounts)
        #expect(sync.connected.members == [Sample.first, Sample.second])
        #expect(text(sync.items) == #"["item_000000001", "item_000000002"]"#)
        #expect(text(sync.employers) == #"["Whole Goods", "Bullseye"]"#)
        #expect(text(sync.externalMetadata) == "{}")
        #expect(text(sync.externalID) == #""July_Connection""#)
        #expect(text(sync.createdAt) == #""2023-04-27T07:02:01.279Z""#)
    }

    @Test("takes no notice of member order, white space and members it does not know")
    func tolerant() throws {
        let body = """
            \u{20}\r\n\t{"zzz":[1,{"event":"no"},null],"data":{"resource":{"created_at":null,"more":{"accounts_connected":[7]},
            "accounts_connected"\t:\r\n[ "a" , "b" ] },"extra":-1.5e-7,"user":"u"},"other":true , "event" : "users.fully_synced" }\n\n
            """
        let sync = try #require(try Sample.userSync(body))
        #expect(sync.user.text == "u")
        #expect(sync.connected.members == ["a", "b"])
        #expect(text(sync.createdAt) == "null")
        #expect(try Sample.decode(body).subscription == nil)
    }

    @Test("reads names and values that are escaped")
    func escapes() throws {
        let body = #"""
            {"\u0065vent":"users\u002efully_synced","n\u0061me":"\ud83d\ude00 \"\\\/\b\f\n\r\té","d\u0061ta":{"us\u0065r":"\u0075ser-1",
             "resource":{"accounts\u005fconnected":["\u0041B"]}}}
            """#
        let event = try Sample.decode(body)
        #expect(event.subscription == "😀 \"\\/\u{8}\u{C}\n\r\té")
        let sync = try #require(try Sample.userSync(body))
        #expect(sync.user.text == "user-1")
        #expect(sync.connected.members == ["ab"])
    }

    @Test("tells absent members from null ones and needs none that identify nothing")
    func optionals() throws {
        let absent = try #require(try Sample.userSync(Sample.sync(#""accounts_connected":[]"#)))
        #expect(absent.items == nil && absent.employers == nil && absent.externalID == nil)
        #expect(absent.externalMetadata == nil && absent.createdAt == nil)
        let null = try #require(try Sample.userSync(Sample.sync(#""accounts_connected":[],"items_connected":null,"external_id":null"#)))
        #expect(text(null.items) == "null" && text(null.externalID) == "null")
    }

    @Test("finds the user in data, in the resource, or in both where they agree")
    func users() throws {
        let id = Sample.user
        func body(_ user: String, _ resource: String) -> String {
            #"{"event":"users.fully_synced","data":{\#(user)"resource":{\#(resource)"accounts_connected":[]}}}"#
        }
        for body in [
            body(#""user":"\#(id)","#, ""), body("", #""id":"\#(id)","#), body(#""user":"\#(id)","#, #""id":"\#(id.uppercased())","#),
        ] {
            #expect(try Sample.userSync(body)?.user.text == id)
        }
        #expect(Sample.fault(body(#""user":"\#(id)","#, #""id":"other","#)) == .userMismatch)
        #expect(Sample.fault(body("", "")) == .userMissing)
    }

    @Test(
        "carries external_metadata over byte for byte",
        arguments: [
            "{}", "null", "1.0", "1e400", "-0", "123456789012345678901234567890.00000000000000000001", #""\u00e9\/""#, "[ 1 , 2.50 ]",
            #"{ "b" : 1.10, "a":[{"c":1E+2}, "\ud800", "é" ],"b":2 }"#, "9007199254740993",
        ]
    )
    func metadata(json: String) throws {
        let sync = try #require(
            try Sample.userSync(Sample.sync(#""accounts_connected":[],"external_metadata":  \#(json)  ,"external_id":1"#))
        )
        #expect(text(sync.externalMetadata) == json)
    }

    @Test("reads empty lists, and lists of ten thousand")
    func sizes() throws {
        #expect(try Sample.userSync(Sample.accounts([]))?.connected.members == [])
        let many = (0..<10_000).map { "account-\($0)" }
        #expect(try Sample.userSync(Sample.accounts(many.reversed()))?.connected.members == many.sorted())
    }

    @Test("reads an account's event with its scalars as they stand")
    func account() throws {
        let body = """
            {"event":"paystubs.fully_synced","data":{"account":"A1","user":"u1","available_from":"2020\\u002d01","available_to":null,
             "available_count":1.0}}
            """
        guard case .accountSync(let sync) = try Sample.decode(body).content else {
            Issue.record("not an account's event")
            return
        }
        #expect(sync.user.text == "u1" && sync.account.text == "a1")
        #expect(sync.availableFrom?.text == "2020-01" && text(sync.availableFrom?.json) == #""2020\u002d01""#)
        #expect(sync.availableTo == nil)
        #expect(sync.availableCount?.text == "1.0" && text(sync.availableCount?.json) == "1.0")
    }

    @Test(
        "takes any other event's data as it stands, with its user where there is one",
        arguments: [
            (#"{"event":"accounts.connected","data": {"user" : "u1", "a":1.0} }"#, #"{"user" : "u1", "a":1.0}"#, "u1"),
            (#"{"event":"accounts.connected","data":{"user":null}}"#, #"{"user":null}"#, nil),
            (#"{"event":"accounts.connected","data":[1 ,2]}"#, "[1 ,2]", nil),
            (#"{"event":"accounts.connected"}"#, "null", nil),
            (#"{"event":"paystubs.fully_synced","data":"x"}"#, #""x""#, nil),
            (#"{"event":"paystubs.fully_synced","data":{"account":null,"user":"u1"}}"#, #"{"account":null,"user":"u1"}"#, "u1"),
            (#"{"event":"paystubs.fully_synced"}"#, "null", nil),
        ] as [(String, String, String?)]
    )
    func other(body: String, data: String, user: String?) throws {
        guard case .other(let content) = try Sample.decode(body).content else {
            Issue.record("not another event")
            return
        }
        #expect(text(content.data) == data)
        #expect(content.user?.text == user)
    }

    @Test("passes over a subscription's name that is no text", arguments: ["7", "null", "{}", #""\ud800""#])
    func oddSubscription(name: String) throws {
        #expect(try Sample.decode(#"{"event":"a.b","name":\#(name)}"#).subscription == nil)
    }
}
