import Foundation
import RelayCore
import RelayTestSupport
import Testing

@Suite("Members that Argyle adds", .timeLimit(.minutes(5)))
struct CarriedMembersTests {
    /// `data` of the envelope of `users.fully_synced` with these members behind the ones that a fact needs.
    private func userData(_ members: String, raw: Bool = false) throws -> String {
        let body = Sample.sync(#""accounts_connected":["a"],\#(members)"#)
        let transition = Transition(from: nil, to: ConnectedSet(accounts: ["a"].compactMap(AccountID.init)))
        return String(decoding: try EnvelopeTests.envelope(body, transition: transition, raw: raw).data, as: UTF8.self)
    }

    private func accountData(_ members: String) throws -> String {
        let body = #"{"event":"paystubs.fully_synced","data":{"account":"a","user":"u",\#(members)}}"#
        return String(decoding: try EnvelopeTests.envelope(body).data, as: UTF8.self)
    }

    /// What stands behind the relay's own members of a user's event.
    private func carried(_ members: String) throws -> String {
        let data = try userData(members)
        let end = try #require(data.range(of: #""created_at":null"#))
        return String(data[end.upperBound...])
    }

    private func names(_ data: String) throws -> Set<String> {
        Set(try #require(try JSONSerialization.jsonObject(with: Data(data.utf8)) as? [String: Any]).keys)
    }

    @Test(
        "are carried over byte for byte, behind ours and in Argyle's order",
        arguments: [
            #""days_synced":90"#, #""item_id":"item_000000001""#, #""client":{ "id" : "c", "tags":[1 , 2.50] }"#,
            #""b":1.10,"a":-0,"c":1E+400,"d":123456789012345678901234567890.0000000001"#, #""":null"#, #""é":"\u00e9\/","\n\"\\":[]"#,
            #""e\u0301":1,"é":2"#, #""\ud83d\ude00":true,"😀 ":false"#, #""\ud800":1,"\ud801":2"#,
        ]
    )
    func verbatim(members: String) throws {
        #expect(try carried(members) == ",\(members)}")
        let account = #"{"user":"u","account":"a","available_from":null,"available_to":null,"available_count":null,\#(members)}"#
        #expect(try accountData(members) == account)
    }

    @Test("lose the white space around them and nothing of what is in them")
    func whiteSpace() throws {
        #expect(try carried("\n  \"x\" :\t{ \"y\" :\r\n 1.0 } ,\n \"z\": [ ]\n") == ",\"x\":{ \"y\" :\r\n 1.0 },\"z\":[ ]}")
    }

    @Test("stand before raw, whose name is ours whether it is there or not")
    func raw() throws {
        let data = try userData(#""x":1,"raw":"theirs""#, raw: true)
        #expect(data.contains(#""created_at":null,"x":1,"argyle_raw":"theirs","raw":{"event":"#))
        #expect(try carried(#""raw":"theirs""#) == #","argyle_raw":"theirs"}"#)
        #expect(try accountData(#""raw":[1 ]"#).hasSuffix(#","argyle_raw":[1 ]}"#))
    }

    @Test(
        "go under argyle_ where the name is ours",
        arguments: ["user", "accounts_added", "accounts_removed", "change", "revision", "raw"]
    )
    func clashes(name: String) throws {
        #expect(try carried(#""\#(name)":{"v":1.0}"#) == #","argyle_\#(name)":{"v":1.0}}"#)
    }

    @Test("that a user's event has under its names and an account's has not clash with nothing there")
    func otherKind() throws {
        #expect(try accountData(#""change":1,"id":2"#).hasSuffix(#","change":1,"id":2}"#))
        #expect(try carried(#""account":"x","available_count":3"#) == #","account":"x","available_count":3}"#)
    }

    @Test("keep the names that nobody takes, and a clashing one evades them, wherever they stand")
    func clashOfClash() throws {
        #expect(
            try carried(#""argyle_change":1,"change":2"#) == #","argyle_change":1,"argyle_argyle_change":2}"#
        )
        #expect(
            try carried(#""change":2,"argyle_argyle_change":3,"argyle_change":1"#)
                == #","argyle_argyle_argyle_change":2,"argyle_argyle_change":3,"argyle_change":1}"#
        )
        #expect(try carried(#""change":2,"\u0061rgyle_change":1"#) == #","argyle_argyle_change":2,"\u0061rgyle_change":1}"#)
    }

    @Test("are known by their names as decoded")
    func escapedNames() throws {
        #expect(try carried(#""\u0075ser":1"#) == #","argyle_\u0075ser":1}"#)
        #expect(try carried(#""cre\u0061ted_by":1,"\u0065xternal_id":"e""#) == #","cre\u0061ted_by":1}"#)
        #expect(try userData(#""\u0065xternal_id":"e""#).contains(#""external_id":"e""#))
    }

    @Test("that stand twice are carried once, with the last value, however they are escaped")
    func twice() throws {
        #expect(try carried(#""x":1,"y":2,"\u0078":3"#) == #","y":2,"\u0078":3}"#)
        #expect(try carried(#""change":1,"change":2"#) == #","argyle_change":2}"#)
        #expect(try carried(#""\uD800":1,"\ud800":2"#) == #","\ud800":2}"#)
    }

    @Test("may be huge, many, and nested as deep as any delivery")
    func sizes() throws {
        let huge = #""huge":"\#(String(repeating: "0123456789", count: 100_000))""#
        #expect(try carried(huge) == ",\(huge)}")
        let many = (0..<20_000).map { "\"m\($0)\":\($0).0" }.joined(separator: ",")
        #expect(try carried(many) == ",\(many)}")
        // Three objects hold it: the body, its data, and the resource.
        let deep = #""deep":"# + String(repeating: "[", count: 61) + String(repeating: "]", count: 61)
        #expect(try carried(deep) == ",\(deep)}")
        #expect(Sample.fault(Sample.sync(#""accounts_connected":[],"d":"# + String(repeating: "[", count: 62))) == .tooDeep)
    }

    @Test("of any shape leave an envelope that parses, has each name once and each of them under a name that can be foretold")
    func property() throws {
        var generator = SeededGenerator(state: 7)
        let stems = ["user", "change", "raw", "x", "days_synced", "argyle_", "argyle_user", "é", "revision", "item_id", ""]
        let values = ["1.0", "null", #""\u0000""#, "[ 1 ,2]", #"{"a":{"a":[]}}"#, "1e-400", "true", #""é\/""#]
        for round in 0..<500 {
            var expected: [(name: String, value: String)] = []
            var members: [String] = []
            for number in 0..<Int.random(in: 1...12, using: &generator) {
                let stem = stems.randomElement(using: &generator) ?? ""
                let name = Bool.random(using: &generator) ? stem : "\(stem)\(number)"
                let value = values.randomElement(using: &generator) ?? "0"
                let first = name.unicodeScalars.first.map { "\\u" + String(String($0.value + 0x10000, radix: 16).suffix(4)) } ?? ""
                let written = Bool.random(using: &generator) ? name : first + String(name.dropFirst())
                members.append("\"\(written)\": \(value)")
                expected.removeAll { $0.name == name }
                expected.append((name, value))
            }
            let data = try userData(members.joined(separator: ","))
            let read = try names(data)
            // Members whose names stand twice would be one in what was read.
            #expect(read.count == 11 + expected.count, "\(round): \(data)")
            for (name, value) in expected {
                #expect(data.contains("\":\(value)"), "\(round): \(name) in \(data)")
                #expect(read.contains(name) || read.contains("argyle_\(name)"), "\(round): \(name) in \(data)")
            }
        }
    }
}
