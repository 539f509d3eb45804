import Testing

/// What a newcomer sees first stays short: nothing else stands at the top of the tree.
enum TopLevel {
    static let allowed: Set = [
        "Package.swift", "Sources", "Tests", "deploy", "README.md", "CHANGELOG.md", "LICENSE", "relay.yaml.example",
        ".ci", ".editorconfig", ".gitattributes", ".gitignore", ".swift-format",
    ]

    static func faults(entries: Set<String>) -> [Fault] {
        entries.subtracting(allowed).sorted().map { Fault(path: $0, line: 0, reason: "does not belong at the top of the tree") }
    }
}

@Suite("Top of the tree", .timeLimit(.minutes(5)))
struct TopLevelTests {
    @Test("holds only what belongs there")
    func tree() throws {
        let entries = try Tree.topLevel()
        #expect(entries.isSuperset(of: ["Package.swift", "Sources", "Tests"]))
        #expect(TopLevel.faults(entries: entries) == [])
    }

    @Test("another entry is refused")
    func refuses() {
        #expect(TopLevel.faults(entries: ["Package.swift", "notes.txt", "scripts"]).map(\.path) == ["notes.txt", "scripts"])
    }
}
