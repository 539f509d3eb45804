import Testing

/// Where the compiler's concurrency checks are switched off, the line above says why it is safe.
enum OptOut {
    static func faults(path: String, text: String) -> [Fault] {
        let source = SourceText(text)
        return ["@unchecked", "nonisolated(unsafe)"].flatMap { word in
            source.lines(with: word).filter { !hasComment(above: $0, in: source.original) }
                .map { Fault(path: path, line: $0, reason: "\(word) has no comment directly above that says why it is safe") }
        }
    }

    /// Attributes on lines of their own may stand between the comment and the declaration.
    private static func hasComment(above line: Int, in lines: [Substring]) -> Bool {
        let above = lines[..<(line - 1)].reversed().lazy.map { $0.drop { $0 == " " || $0 == "\t" } }
        return above.first { !$0.hasPrefix("@") }?.hasPrefix("//") ?? false
    }
}

@Suite("Switched-off concurrency checks", .timeLimit(.minutes(5)))
struct OptOutTests {
    @Test("each has its reason beside it")
    func tree() throws {
        let files = try Tree.files(in: "Sources", "Tests").filter(\.isSwift)
        #expect(files.flatMap { OptOut.faults(path: $0.path, text: $0.text) } == [])
    }

    @Test(
        "one without a reason is refused",
        arguments: [
            "final class A: @unchecked Sendable {}", "// Why.\n\nfinal class A: @unchecked Sendable {}",
            "nonisolated(unsafe) var a = 1", "let b = 1 // Why.\nnonisolated(unsafe) var a = 1",
        ]
    )
    func refuses(text: String) {
        #expect(OptOut.faults(path: "Sources/RelayKafka/A.swift", text: text).count == 1)
    }

    @Test(
        "one with a comment above passes",
        arguments: ["/// Why.\nfinal class A: @unchecked Sendable {}", "// Why.\n@safe\nnonisolated(unsafe) var a = 1"]
    )
    func accepts(text: String) {
        #expect(OptOut.faults(path: "Sources/RelayKafka/A.swift", text: text) == [])
    }
}
