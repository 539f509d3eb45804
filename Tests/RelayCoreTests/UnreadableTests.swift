import RelayCore
import RelayTestSupport
import Testing

@Suite("What nobody can read", .timeLimit(.minutes(5)))
struct UnreadableTests {
    private static let cases: [(String, Unreadable.Code)] = [
        ("", .emptyBody),
        (" ", .notJSON), ("event=users.fully_synced", .notJSON), (Sample.argyle + "x", .notJSON), (Sample.argyle + Sample.argyle, .notJSON),
        ("\u{FEFF}" + Sample.argyle, .notJSON), (#"{"event":"a.b","data":01}"#, .notJSON), (#"{"event":"a.b",}"#, .notJSON),
        (#"{"event":"a.b","x":"\q"}"#, .notJSON), ("{\"event\":\"a.b\",\"x\":\"\n\"}", .notJSON), ("[1", .notJSON), ("nul", .notJSON),
        (String(repeating: "[", count: 65) + String(repeating: "]", count: 65), .tooDeep),
        (String(repeating: "[", count: 1_000_000), .tooDeep),
        ("[]", .notAnObject), ("7", .notAnObject), (#""event""#, .notAnObject), ("null", .notAnObject), ("true", .notAnObject),
        (#"{"event":"a.b","event":"a.b"}"#, .duplicateMember), (#"{"event":"a.b","\u0065vent":"c.d"}"#, .duplicateMember),
        (#"{"event":"a.b","data":1,"data":1}"#, .duplicateMember), (#"{"event":"a.b","data":{"user":"u","user":"v"}}"#, .duplicateMember),
        (Sample.sync(#""accounts_connected":[],"accounts_connected":["a"]"#), .duplicateMember),
        ("{}", .eventMissing), (#"{"Event":"a.b"}"#, .eventMissing), (#"{"data":{"event":"a.b"}}"#, .eventMissing),
        (#"{"event":7}"#, .eventInvalid), (#"{"event":null}"#, .eventInvalid), (#"{"event":""}"#, .eventInvalid),
        (#"{"event":"a b"}"#, .eventInvalid),
        (#"{"event":"\#(String(repeating: "a", count: 65))"}"#, .eventInvalid), (#"{"event":"a\u0000b"}"#, .eventInvalid),
        (#"{"event":"users.fully_synced"}"#, .dataInvalid), (#"{"event":"users.fully_synced","data":[]}"#, .dataInvalid),
        (#"{"event":"users.fully_synced","data":{"user":"u"}}"#, .dataInvalid),
        (#"{"event":"users.fully_synced","data":{"user":"u","resource":null}}"#, .dataInvalid),
        (#"{"event":"users.fully_synced","data":{"resource":{"accounts_connected":[]}}}"#, .userMissing),
        (#"{"event":"paystubs.fully_synced","data":{"account":"a"}}"#, .userMissing),
        (#"{"event":"users.fully_synced","data":{"user":7,"resource":{"accounts_connected":[]}}}"#, .userInvalid),
        (#"{"event":"users.fully_synced","data":{"user":"a|b","resource":{"accounts_connected":[]}}}"#, .userInvalid),
        (#"{"event":"paystubs.fully_synced","data":{"account":"a","user":""}}"#, .userInvalid),
        (#"{"event":"a.b","data":{"user":"\#(String(repeating: "u", count: 129))"}}"#, .userInvalid),
        (Sample.sync(#""id":"someone-else","accounts_connected":[]"#), .userMismatch),
        (#"{"event":"paystubs.fully_synced","data":{"account":7,"user":"u"}}"#, .accountInvalid),
        (#"{"event":"paystubs.fully_synced","data":{"account":"a,b","user":"u"}}"#, .accountInvalid),
        (Sample.sync(#""employers_connected":[]"#), .accountsMissing),
        (Sample.sync(#""accounts_connected":null,"items_connected":null"#), .accountsMissing),
        (Sample.sync(#""accounts_connected":{}"#), .accountsInvalid), (Sample.sync(#""accounts_connected":["a",1]"#), .accountsInvalid),
        (Sample.sync(#""accounts_connected":"a""#), .accountsInvalid), (Sample.accounts(["a,b"]), .accountsInvalid),
        (Sample.accounts([""]), .accountsInvalid), (Sample.accounts(["é"]), .accountsInvalid),
        (Sample.sync(#""items_connected":["a",null]"#), .itemsInvalid), (Sample.sync(#""items_connected":7"#), .itemsInvalid),
        (Sample.sync(#""items_connected":["a b"]"#), .itemsInvalid),
        (#"{"event":"\ud800"}"#, .memberInvalid), (Sample.sync(#""accounts_connected":["\udc00"]"#), .memberInvalid),
        (#"{"event":"paystubs.fully_synced","data":{"account":"a","user":"u","available_count":[]}}"#, .memberInvalid),
        (#"{"event":"paystubs.fully_synced","data":{"account":"a","user":"u","available_from":{}}}"#, .memberInvalid),
        (#"{"event":"paystubs.fully_synced","data":{"account":"a","user":"u","available_to":"1|2"}}"#, .memberInvalid),
    ]

    @Test("bears the code of what is wrong with it", arguments: cases)
    func code(body: String, code: Unreadable.Code) { #expect(Sample.fault(body) == code) }

    @Test("has no code that none of these bodies reaches")
    func allCodes() { #expect(Set(Self.cases.map(\.1)) == Set(Unreadable.Code.allCases)) }

    @Test("is described by members and offsets, never by values")
    func detail() {
        #expect(Sample.fault(Array(#"{"event":"secret@value"}"#.utf8))?.detail == "event must be a name such as users.fully_synced")
        #expect(Sample.fault(Array(#"{"event":secret}"#.utf8))?.detail == "unexpected_byte at byte 9")
        #expect(Sample.fault(Array(Sample.sync(#""accounts_connected":["secret value"]"#).utf8))?.detail.contains("secret") == false)
    }

    @Test("is nested deeper than 64 levels; 64 are read")
    func depth() throws {
        func body(levels: Int) -> String {
            let inside = String(repeating: "[", count: levels - 1) + String(repeating: "]", count: levels - 1)
            return #"{"event":"a.b","data":\#(inside)}"#
        }
        #expect(Sample.fault(body(levels: 64)) == nil)
        #expect(Sample.fault(body(levels: 65)) == .tooDeep)
        let objects = String(repeating: #"{"a":"#, count: 500_000)
        #expect(Sample.fault(#"{"event":"a.b","data":"# + objects) == .tooDeep)
    }

    @Test("is a truncated body, wherever it ends")
    func truncated() {
        let body = Array(Sample.argyle.utf8)
        for count in 0..<body.count { #expect(Sample.fault(Array(body.prefix(count))) != nil, "at \(count)") }
        #expect(Sample.fault(body) == nil)
    }

    @Test("never stops the process: 20,000 bodies of which a byte or three were changed", arguments: [1, 3])
    func mutated(changes: Int) {
        var generator = SeededGenerator(state: UInt64(changes))
        let interesting: [UInt8] = Array("\"\\{}[],:0-eE.u/ntf\u{0}".utf8) + [0x80, 0xC0, 0xE0, 0xED, 0xF4, 0xFF]
        let body = Array((Sample.argyle + #" "#).utf8)
        var unreadable = 0
        for _ in 0..<10_000 {
            var mutant = body
            for _ in 0..<changes {
                let position = Int.random(in: 0..<mutant.count, using: &generator)
                switch Int.random(in: 0..<4, using: &generator) {
                case 0: mutant.remove(at: position)
                case 1: mutant.insert(interesting[Int.random(in: 0..<interesting.count, using: &generator)], at: position)
                case 2: mutant[position] = interesting[Int.random(in: 0..<interesting.count, using: &generator)]
                default: mutant[position] = UInt8.random(in: 0...255, using: &generator)
                }
            }
            if Sample.fault(mutant) != nil { unreadable += 1 }
        }
        #expect((1000..<10_000).contains(unreadable))
    }
}
