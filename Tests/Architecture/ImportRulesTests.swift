import Testing

@Suite("Imports", .timeLimit(.minutes(5)))
struct ImportRulesTests {
    @Test("each target imports only what it may")
    func tree() throws {
        let files = try Tree.files(in: "Sources").filter(\.isSwift)
        #expect(files.isEmpty == false)
        #expect(files.flatMap { ImportRules.faults(path: $0.path, text: $0.text) } == [])
    }

    @Test("the rules themselves let imports run downwards only")
    func rulesRunDownwards() {
        #expect(ImportRules.floors.flatMap { $0 }.sorted() == ImportRules.allowed.keys.sorted())
        for (height, floor) in ImportRules.floors.enumerated() {
            let below = Set(ImportRules.floors[..<height].flatMap { $0 })
            for target in floor {
                let ours = (ImportRules.allowed[target] ?? []).intersection(ImportRules.allowed.keys)
                #expect(ours.isSubset(of: below), "\(target) reaches beside or above itself")
            }
        }
    }

    @Test(
        "each library behind a wall has only its own importers",
        arguments: [
            ("CRdKafka", ["RelayKafka"]), ("CSQLite", ["RelayOutbox"]), ("CYAML", ["RelayConfiguration"]),
            ("COpenSSL", ["RelayConfiguration", "RelayCore", "RelayHTTP"]), ("NIOCore", ["ArgyleRelay", "RelayHTTP"]),
            ("NIOPosix", ["ArgyleRelay", "RelayHTTP"]),
            ("NIOHTTP1", []), ("ArgumentParser", ["ArgyleRelay"]),
            ("RelayKafka", ["ArgyleRelay", "RelayPublisher"]), ("RelayPublisher", ["ArgyleRelay"]),
            ("RelayHTTP", ["ArgyleRelay", "RelayAdmin", "RelayIngress"]),
            ("CCurl", ["RelayClient"]), ("CThread", ["RelayThread"]), ("RelayClient", ["ArgyleAPI", "ArgyleRelay"]),
        ]
    )
    func walls(module: String, importers: [String]) {
        #expect(ImportRules.allowed.filter { $0.value.contains(module) }.keys.sorted() == importers)
    }

    @Test(
        "a forbidden import is refused, however it is written",
        arguments: [
            "import RelayKafka", "package import RelayKafka", "@testable import RelayKafka", "import struct RelayKafka.Producer",
            "@preconcurrency private  import\tRelayKafka", "import Foundation; import RelayKafka",
            "#if canImport(X)\n    import RelayKafka\n#endif",
        ]
    )
    func refuses(text: String) {
        let faults = ImportRules.faults(path: "Sources/RelayIngress/Route.swift", text: text)
        #expect(faults.map(\.reason) == ["RelayIngress may not import RelayKafka"])
    }

    @Test("an import in a comment or a string, or of an allowed module, passes")
    func accepts() {
        let text = "// import RelayKafka\nlet a = \"import RelayKafka\"\npackage import RelayOutbox\nimport struct Foundation.Date\n"
        #expect(ImportRules.faults(path: "Sources/RelayIngress/Route.swift", text: text) == [])
    }

    @Test("a target without rules is refused")
    func refusesUnknownTargets() {
        #expect(ImportRules.faults(path: "Sources/RelayHelpers/Foo.swift", text: "").count == 1)
    }
}
