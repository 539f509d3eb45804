import Testing

/// A test that hangs says so after minutes: every suite has a time limit, and every test stands in a suite.
enum TimeLimit {
    static func faults(path: String, text: String) -> [Fault] {
        let source = SourceText(text)
        let suites = source.lines(with: "@Suite")
        let limited = Set(source.lines(with: ".timeLimit"))
        let unlimited = suites.filter { !limited.contains($0) }
        let homeless = suites.isEmpty ? source.lines(with: "@Test").prefix(1) : []
        return unlimited.map { Fault(path: path, line: $0, reason: "a suite without a .timeLimit on its line") }
            + homeless.map { Fault(path: path, line: $0, reason: "tests without a @Suite, and so without a time limit") }
    }
}

@Suite("Time limits", .timeLimit(.minutes(5)))
struct TimeLimitTests {
    @Test("every suite has one")
    func tree() throws {
        let files = try Tree.files(in: "Tests").filter(\.isSwift)
        #expect(files.flatMap { TimeLimit.faults(path: $0.path, text: $0.text) } == [])
    }

    @Test(
        "a suite without one is refused, and so is a test without a suite",
        arguments: ["@Suite(\"A\")\nstruct A {}", "struct A { @Test func b() {} }"]
    )
    func refuses(text: String) {
        #expect(TimeLimit.faults(path: "Tests/A.swift", text: text).count == 1)
    }

    @Test("one with a limit passes")
    func accepts() {
        #expect(
            TimeLimit.faults(path: "Tests/A.swift", text: "@Suite(\"A\", .timeLimit(.minutes(1)))\nstruct A { @Test func b() {} }") == []
        )
    }
}
