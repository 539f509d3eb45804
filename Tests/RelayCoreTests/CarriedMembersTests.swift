import Foundation
import RelayTestSupport
import Testing

@testable import RelayCore

@Suite("Members that the contract does not name", .timeLimit(.minutes(5)))
struct CarriedMembersTests {
    private static let transition = Transition(from: nil, to: ConnectedSet(accounts: []))

    /// What stands behind ours in `data`.
    private static func carried(_ body: String) throws -> String {
        let event = try Sample.decode(body)
        let data = text(EnvelopeData.make(of: event, transition: transition, includesRaw: false))
        let own = text(
            EnvelopeData.make(
                of: try Sample.decode(event.name == .usersFullySynced ? Sample.accounts([]) : bareAccount),
                transition: transition,
                includesRaw: false
            )
        )
        let (all, ours) = (try #require(data), try #require(own).dropLast())
        try #require(all.hasPrefix(ours) && all.hasSuffix("}"), "\(all)")
        return String(all.dropFirst(ours.count).dropLast())
    }

    private static let bareAccount = #"{"event":"gigs.fully_synced","data":{"account":"a","user":"u"}}"#

    @Test(
        "travel along byte for byte behind ours, those of the resource before those beside it",
        arguments: [
            (#""client":"c""#, "", #","client":"c""#),
            (#""a":{"b" : [1, 2.50, -0e3, "\u00e9"]},"n":null"#, "", #","a":{"b" : [1, 2.50, -0e3, "\u00e9"]},"n":null"#),
            (#""a":1"#, #""b":2"#, #","a":1,"b":2"#),
            (#""b\u0061d":1,"":2"#, "", #","b\u0061d":1,"":2"#),
            ("\"e\u{301}\":1,\"\u{e9}\":2", "", ",\"e\u{301}\":1,\"\u{e9}\":2"),
        ]
    )
    func travel(resource: String, data: String, expected: String) throws {
        #expect(Array(try Self.carried(Self.sync(resource, data)).utf8) == Array(expected.utf8))
    }

    @Test(
        "whose name is taken go under another one, escaped or not; nothing is lost",
        arguments: [
            (#""revision":9,"change":"x","raw":0"#, "", #","argyle_revision":9,"argyle_change":"x","argyle_raw":0"#),
            (#""user":"v","accounts_added":[1]"#, "", #","argyle_user":"v","argyle_accounts_added":[1]"#),
            (#""\u0075ser":"v""#, "", #","argyle_\u0075ser":"v""#),
            (#""client":1"#, #""client":2"#, #","client":1,"argyle_client":2"#),
            (#""argyle_revision":1,"revision":2"#, "", #","argyle_revision":1,"argyle_argyle_revision":2"#),
            (#""revision":2,"argyle_revision":1"#, "", #","argyle_revision":2,"argyle_argyle_revision":1"#),
        ]
    )
    func taken(resource: String, data: String, expected: String) throws {
        #expect(try Self.carried(Self.sync(resource, data)) == expected)
    }

    @Test("that stand twice count by their last value, as in every parser; a name with half a surrogate pair stays as it is")
    func twice() throws {
        #expect(try Self.carried(Self.sync(#""a":1,"b":2,"\u0061":3"#, "")) == #","a":3,"b":2"#)
        #expect(try Self.carried(Self.sync(#""\ud800":1,"\ud800":2,"\uD800":3"#, "")) == #","\ud800":2,"\uD800":3"#)
    }

    @Test("of an account's event travel along as well")
    func account() throws {
        let body = """
            {
              "event": "gigs.fully_synced",
              "data": {
                "account": "a", "user": "u", "days_synced": 30, "item_id": "item_1", "resource": { "id" : "x" }, "raw": 1
              }
            }
            """
        #expect(try Self.carried(body) == #","days_synced":30,"item_id":"item_1","resource":{ "id" : "x" },"argyle_raw":1"#)
    }

    @Test("are bounded by the body, however their names collide")
    func bounded() throws {
        let many = (0..<50_000).map { _ in #""a":1"# }.joined(separator: ",")
        #expect(try Self.carried(Self.sync(many, many)) == #","a":1,"argyle_a":1"#)
        let chain = (0..<500).map { "\"\(String(repeating: "argyle_", count: $0))revision\":1" }.joined(separator: ",")
        let carried = try Self.carried(Self.sync(chain, chain))
        #expect(carried.utf8.count < 4 * chain.utf8.count)
        let huge = String(repeating: "x", count: 900_000)
        #expect(try Self.carried(Self.sync("\"h\":\"\(huge)\"", "")) == ",\"h\":\"\(huge)\"")
    }

    @Test("whatever they are, the data stays JSON with each name once, and their values are there", arguments: 1...300)
    func random(seed: Int) throws {
        var random = SeededGenerator(state: UInt64(seed))
        let names = ["user", "revision", "argyle_revision", "raw", "a", #"\u0061"#, "b", "argyle_a", "é", "change", "x y", #"\"q\""#]
        let values = ["1", "1.0", "null", "true", #""s""#, "[1 , 2]", #"{"k": {}}"#, "1e400", #""\ud83d\ude00""#]
        func some() -> [(String, String)] {
            (0..<Int.random(in: 0...8, using: &random)).compactMap { _ in
                guard let name = names.randomElement(using: &random), let value = values.randomElement(using: &random) else { return nil }
                return (name, value)
            }
        }
        func json(_ members: [(String, String)]) -> String { members.map { "\"\($0)\":\($1)" }.joined(separator: ",") }
        let (resource, data) = (some(), some().filter { $0.0 != "user" })
        let carried = try Self.carried(Self.sync(json(resource), json(data)))
        let whole = EnvelopeData.make(
            of: try Sample.decode(Self.sync(json(resource), json(data))),
            transition: Self.transition,
            includesRaw: false
        )
        var scanner = JSONScanner(whole)
        var seen: [[UInt8]] = []
        try scanner.object { (scanner, name) throws(JSONFault) in
            seen.append(Array(try name.text(in: scanner.bytes).utf8))
            try scanner.value()
        }
        #expect(Set(seen).count == seen.count)
        // The last value of each name in each object, in the order of its first.
        func model(_ members: [(String, String)]) -> [String] {
            var order: [String] = []
            var last: [String: String] = [:]
            for (name, value) in members {
                let plain = name == #"\u0061"# ? "a" : name
                if last.updateValue(value, forKey: plain) == nil { order.append(plain) }
            }
            return order.compactMap { last[$0] }
        }
        var reader = JSONScanner(Array("{\(carried.dropFirst())}".utf8))
        var found: [String] = []
        try reader.object { (scanner, _) throws(JSONFault) in
            found.append(String(decoding: scanner.bytes[try scanner.value()], as: UTF8.self))
        }
        #expect(found == model(resource) + model(data))
    }

    private static func sync(_ resource: String, _ data: String) -> String {
        let (more, beside) = (resource.isEmpty ? "" : ",\(resource)", data.isEmpty ? "" : ",\(data)")
        let accounts = #""accounts_connected":[]\#(more)"#
        return #"{"event":"users.fully_synced","name":"n","data":{"user":"\#(Sample.user)","resource":{\#(accounts)}\#(beside)}}"#
    }
}
