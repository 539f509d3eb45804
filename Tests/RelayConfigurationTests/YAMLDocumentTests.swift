import Testing

@testable import RelayConfiguration

@Suite("YAML", .timeLimit(.minutes(5)))
struct YAMLDocumentTests {
    private func document(_ text: String) -> YAMLDocument { YAMLDocument(Array(text.utf8)) }

    @Test("a document becomes a tree that knows its lines")
    func tree() throws {
        let document = document("# head\na:\n  b: 'x'\n  c: [1, two]\nd:\n")
        #expect(document.faults.isEmpty)
        guard case .mapping(let members) = try #require(document.root).content else { Issue.record("no mapping"); return }
        #expect(members.map(\.key) == ["a", "d"])
        #expect(members.map(\.line) == [2, 5])
        guard case .mapping(let inner) = members[0].value.content else { Issue.record("no mapping"); return }
        #expect(inner.map(\.value.raw) == [.text("x"), .list(["1", "two"])])
        #expect(inner.map(\.line) == [3, 4])
        #expect(members[1].value.isNull)
    }

    @Test("only an unquoted scalar is null")
    func null() {
        #expect(document("~").root?.isNull == true)
        #expect(document("null").root?.isNull == true)
        #expect(document("'null'").root?.isNull == false)
        #expect(document("''").root?.isNull == false)
    }

    @Test(
        "what makes a configuration ambiguous or costly is a fault with its line",
        arguments: [
            ("a: 1\nb: 2\na: 3\n", "again, after line 1", 3),
            ("a: &x 1\n", "anchor", 1),
            ("a: 1\nb: *x\n", "alias", 2),
            ("a: !!str 1\n", "tag", 1),
            ("a: 1\n---\nb: 2\n", "a second document", 3),
            ("a: 1\n[x]: 2\n", "a key that is not text", 2),
            ("a:\n\tb: 1\n", "a tab in the indentation", 2),
            ("a: [1\nb: 2\n", "column", 2),
            ("a: \"x\n", "column", 2),
            ("a: 1\n  b: 2\n", "column", 2),
            (String(repeating: "[", count: 40), "more than 32 levels", 1),
            (String(repeating: "- 1\n", count: 10_001), "more than 10000 values", 10_000),
        ]
    )
    func faults(text: String, found: String, line: Int) throws {
        let fault = try #require(document(text).faults.first)
        #expect(fault.found.contains(found))
        #expect(fault.line == line)
    }

    @Test("bytes that are not UTF-8 are a fault with their line")
    func encoding() {
        let document = YAMLDocument(Array("a: 1\nb: ".utf8) + [0xff, 0xfe, 10])
        #expect(document.root == nil)
        #expect(document.faults == [.init(found: "bytes that are not UTF-8", allowed: "UTF-8 text", line: 2)])
    }

    @Test("every fault that is no syntax error is found in one pass")
    func allAtOnce() {
        #expect(document("a: &x 1\nb: *x\nb: 2\n").faults.map(\.line) == [1, 2, 3])
    }

    @Test(
        "nothing is quoted from a text with a syntax error",
        arguments: ["hunter2: [", "a: \"hunter2", "- hunter2\nb: 1", "@hunter2", "a: *hunter2 b"]
    )
    func quotesNothing(text: String) {
        let document = document(text)
        #expect(!document.faults.isEmpty)
        #expect(!document.faults.contains { $0.found.contains("hunter2") })
    }

    @Test("a nest of 1 MiB of brackets is refused quickly")
    func bomb() {
        let started = ContinuousClock.now
        #expect(document(String(repeating: "[", count: 1 << 20)).root == nil)
        #expect(document(String(repeating: "{a: ", count: 1 << 18)).root == nil)
        #expect(document(String(repeating: "- ", count: 1 << 19)).root == nil)
        #expect(document(String(repeating: "? ", count: 1 << 19)).root == nil)
        #expect(ContinuousClock.now - started < .seconds(20))
    }
}
