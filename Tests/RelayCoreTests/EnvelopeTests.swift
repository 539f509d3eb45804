import Foundation
import RelayCore
import Testing

@Suite("An envelope", .timeLimit(.minutes(5)))
struct EnvelopeTests {
    static func envelope(_ body: String, transition: Transition? = nil, raw: Bool = false, origin: String? = nil)
        throws -> Envelope
    {
        let event = try Sample.decode(body)
        let user: UserID? =
            switch event.content {
            case .userSync(let sync): sync.user
            case .accountSync(let sync): sync.user
            case .other(let content): content.user
            }
        return Envelope(
            id: Fact(recognising: event).id,
            source: "https://api.argyle.com/v2",
            event: event.name,
            user: user,
            time: event.receivedAt,
            subscription: event.subscription,
            origin: origin,
            data: EnvelopeData.make(of: event, transition: transition, includesRaw: raw)
        )
    }

    private func object(_ bytes: [UInt8]) throws -> [String: Any] {
        try #require(try JSONSerialization.jsonObject(with: Data(bytes)) as? [String: Any])
    }

    @Test("in structured mode is the contract's, member by member and in its order")
    func structured() throws {
        let transition = Transition(from: nil, to: ConnectedSet(accounts: [Sample.first, Sample.second].compactMap(AccountID.init)))
        let json = try Self.envelope(Sample.argyle, transition: transition).structured()
        let expected = """
            {"specversion":"1.0","id":"fa921d79-d87c-5bb0-b847-26701c0be957","source":"https://api.argyle.com/v2",\
            "type":"com.argyle.users.fully_synced","subject":"\(Sample.user)","time":"2026-11-23T09:12:55.123Z",\
            "datacontenttype":"application/json","dataschema":"urn:argyle-relay:users.fully_synced:1","partitionkey":"\(Sample.user)",\
            "subscription":"name-for-the-webhook-subscription","data":{"user":"\(Sample.user)",\
            "accounts_connected":["\(Sample.first)","\(Sample.second)"],"accounts_added":["\(Sample.first)","\(Sample.second)"],\
            "accounts_removed":[],"change":"initial","revision":1,"items_connected":["item_000000001", "item_000000002"],\
            "employers_connected":["Whole Goods", "Bullseye"],"external_id":"July_Connection","external_metadata":{},\
            "created_at":"2023-04-27T07:02:01.279Z"}}
            """
        #expect(String(decoding: json, as: UTF8.self) == expected)
        let read = try object(json)
        #expect(
            Set(read.keys) == [
                "specversion", "id", "source", "type", "subject", "time", "datacontenttype", "dataschema", "partitionkey", "subscription",
                "data",
            ]
        )
        let data = try #require(read["data"] as? [String: Any])
        #expect(data["revision"] as? Int == 1)
        #expect(data["accounts_connected"] as? [String] == [Sample.first, Sample.second])
    }

    @Test("names its origin after its subscription when Argyle did not deliver it, and holds nothing in it that no attribute may")
    func origin() throws {
        let json = try Self.envelope(Sample.argyle, origin: "recon\u{7}cile").structured()
        #expect(
            String(decoding: json, as: UTF8.self).contains(
                #""subscription":"name-for-the-webhook-subscription","origin":"reconcile","data":{"#
            )
        )
        #expect(try object(try Self.envelope(Sample.argyle, origin: "").structured())["origin"] == nil)
    }

    @Test("words absent members as null, and accounts too where only items are known")
    func absent() throws {
        let body = Sample.sync(#""items_connected":["i"]"#)
        let data = try object(try Self.envelope(body, transition: Transition(from: nil, to: ConnectedSet(items: ["i"]))).data)
        for member in ["accounts_connected", "employers_connected", "external_id", "external_metadata", "created_at"] {
            #expect(data[member] is NSNull, "\(member)")
        }
        #expect(data["accounts_added"] as? [String] == [])
        #expect(data["items_connected"] as? [String] == ["i"])
    }

    @Test("of an account's event carries account, dates and count as they were delivered")
    func account() throws {
        let body =
            #"{"event":"paystubs.fully_synced","data":{"account":"A","user":"u","available_from":"x","available_to":null,"available_count":1.0}}"#
        let envelope = try Self.envelope(body)
        #expect(text(envelope.data) == #"{"user":"u","account":"a","available_from":"x","available_to":null,"available_count":1.0}"#)
        #expect(envelope.type == "com.argyle.paystubs.fully_synced")
        let read = try object(envelope.structured())
        #expect(read["subscription"] == nil)
        #expect(read["partitionkey"] as? String == "u")
    }

    @Test("of another event carries data unchanged, and names no subject where there is no user")
    func other() throws {
        let envelope = try Self.envelope(#"{"event":"a.b","data": [1.0 ,{"x":1e400}] }"#)
        #expect(text(envelope.data) == #"[1.0 ,{"x":1e400}]"#)
        let json = try #require(text(envelope.structured()))
        #expect(!json.contains("subject") && !json.contains("partitionkey"))
        #expect(json.hasSuffix(#""dataschema":"urn:argyle-relay:a.b:1","data":[1.0 ,{"x":1e400}]}"#))
    }

    @Test("with include_raw holds the delivery itself as data.raw, of every kind of event")
    func raw() throws {
        let bodies = [
            Sample.argyle, #"{"event":"paystubs.fully_synced","data":{"account":"a","user":"u"}}"#, #"{"event":"a.b","data":{}}"#,
            #"{"event":"a.b","data":{ } }"#, #"{"event":"a.b","data":{"user":"u"}}"#, #"{"event":"a.b","data":{"x":{}}}"#,
            #"{"event":"a.b","data":{"x":"}" }}"#,
        ]
        for body in bodies {
            let data = try object(try Self.envelope(body, raw: true).data)
            #expect(try #require(data["raw"] as? NSDictionary) == NSDictionary(dictionary: try object(Array(body.utf8))), "\(body)")
        }
    }

    @Test(
        "with include_raw leaves data alone where raw has no place",
        arguments: ["[1]", "null", "7", #""x""#, "[]", #"{"raw":1}"#, #"{"a":1,"r\u0061w":{}}"#]
    )
    func noRaw(data: String) throws {
        #expect(text(try Self.envelope(#"{"event":"a.b","data":\#(data)}"#, raw: true).data) == data)
    }

    @Test("holds no control or noncharacter in an attribute, and no empty one")
    func attributes() throws {
        let id = EventID(naming: [1])
        func subscription(_ text: String?) -> String? {
            Envelope(id: id, source: "s", event: .usersFullySynced, user: nil, time: Sample.receivedAt, subscription: text, data: [])
                .subscription
        }
        #expect(subscription("a\r\nb\u{0}c\u{7F}\u{85}d") == "abcd")
        let noncharacters = ([0xFFFE, 0xFDD0, 0xFDEF, 0x1_FFFF, 0x10_FFFF] as [UInt32]).compactMap(Unicode.Scalar.init(_:)).map(String.init)
        #expect(noncharacters.count == 5)
        #expect(subscription("x" + noncharacters.joined() + "y") == "xy")
        #expect(subscription("\n") == nil && subscription("") == nil && subscription(nil) == nil)
        #expect(subscription("Grüße 😀") == "Grüße 😀")
    }
}
