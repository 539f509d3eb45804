import Testing

@testable import RelayHTTP

@Suite("Header fields", .timeLimit(.minutes(5)))
struct HTTPHeadersTests {
    let headers = HTTPHeaders([("X-One", "1"), ("x-two", "a, B ,c"), ("X-ONE", "2"), ("empty", "")])

    @Test("names are found whatever their case, values in order of arrival")
    func lookup() {
        #expect(headers.first(name: "x-one") == "1")
        #expect(headers["X-one"] == ["1", "2"])
        #expect(headers.occurrences(of: "x-one") == 2)
        #expect(headers.contains(name: "EMPTY") && headers.first(name: "empty") == "")
        #expect(!headers.contains(name: "x-on") && headers.first(name: "x-three") == nil)
        #expect(headers.firstBytes(name: "X-Two").map(Array.init) == Array("a, B ,c".utf8))
        #expect(headers.pairs.map(\.name) == ["X-One", "x-two", "X-ONE", "empty"])
    }

    @Test("a list is searched member by member")
    func lists() {
        #expect(headers.listContains("b", in: "X-Two"))
        #expect(!headers.listContains("a, b", in: "X-Two"))
    }
}
