import RelayCore
import Testing

@Suite("What is said besides a set", .timeLimit(.minutes(5)))
struct ParticularsTests {
    private func particulars(_ resource: String) throws -> Particulars? {
        Fact(recognising: try Sample.decode(Sample.sync(#""accounts_connected":["a"],"# + resource))).particulars
    }

    private static let base =
        #""items_connected":["i","j"],"employers_connected":["E"],"external_id":"x","external_metadata":{"a":[1,{"b":"c"}],"d":""}"#

    @Test(
        "is the same in another spelling",
        arguments: [
            #""external_metadata" : { "d" : "", "a" : [ 1 , { "b" : "\u0063" } ] }, "employers_connected":["E"],"#
                + #""external_id":"\u0078", "items_connected":["j","i","j"], "created_at":"another", "more":{"x":1}"#,
            base + "," + #""created_at":"2020-01-01T00:00:00Z""#,
        ]
    )
    func same(resource: String) throws { #expect(try particulars(resource) == particulars(Self.base)) }

    @Test("an absent member is as good as null")
    func absent() throws {
        #expect(
            try particulars(#""x":1"#)
                == particulars(#""items_connected":null,"employers_connected":null,"external_id":null,"external_metadata":null"#)
        )
    }

    @Test("differs with each of the four members, however little")
    func differs() throws {
        var seen: [[UInt8]] = []
        for (old, new) in [
            ("", ""), (#"["i","j"]"#, #"["i"]"#), (#"["i","j"]"#, #"["ij"]"#), (#"["i","j"]"#, "[]"), (#"["E"]"#, #"["e"]"#),
            (#"["E"]"#, "null"), (#""external_id":"x""#, #""external_id":"X""#), (#""external_id":"x""#, #""external_id":null"#),
            (#""external_id":"x""#, #""external_id":1"#), (#""external_id":"x""#, #""external_id":"1""#),
            ("[1,", "[1.0,"), ("[1,", "[\"1\","), ("[1,", "[1,1,"), ("[1,", "[11,"), (#""d":"""#, #""d":null"#), (#","d":"""#, ""),
            (#"{"b":"c"}"#, #"{"c":"b"}"#), (#"{"b":"c"}"#, #"["b","c"]"#), (#"{"b":"c"}"#, #"{"b":"c","e":{}}"#),
        ] {
            let resource = old.isEmpty ? Self.base : Self.base.replacing(old, with: new)
            let bytes = try #require(try particulars(resource)).bytes
            #expect(bytes.count == 16 && !seen.contains(bytes), "\(new)")
            seen.append(bytes)
        }
        // What stands under one name does not stand under the other.
        #expect(
            try particulars(#""items_connected":["a"],"employers_connected":[]"#)
                != particulars(#""items_connected":[],"employers_connected":["a"]"#)
        )
    }

    @Test("is known of sets alone, and only they and events without an identity come again")
    func others() throws {
        let account = Fact(recognising: try Sample.decode(#"{"event":"paystubs.fully_synced","data":{"user":"u","account":"a"}}"#))
        #expect(account.particulars == nil && !account.canComeAgain)
        let identity = Fact(recognising: try Sample.decode(#"{"event":"identities.updated","data":{"user":"u"}}"#))
        #expect(identity.particulars == nil && identity.canComeAgain)
        #expect(Fact(recognising: try Sample.decode(Sample.argyle)).canComeAgain)
    }

    @Test("an amended set is told as such, with nothing added and nothing removed")
    func transition() {
        let set = ConnectedSet(items: ["i"])
        let transition = Transition(from: (set, 4), to: set)
        #expect(transition.change == .amended && transition.revision == 5)
        #expect(transition.accountsAdded.isEmpty && transition.accountsRemoved.isEmpty)
    }
}
