import FoundationEssentials
import Testing

@testable import RelayConfiguration

/// `relay.yaml.example` against the table of settings.
@Suite("relay.yaml.example", .timeLimit(.minutes(5)))
struct ExampleTests {
    /// A line of the example that is a setting, commented or not.
    struct Line {
        let name: String
        let value: String
        let isCommented: Bool
        /// The comment above it.
        let comment: String
    }

    private func example() throws -> String {
        let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
        return String(decoding: try Data(contentsOf: root.appending(path: "relay.yaml.example")), as: UTF8.self)
    }

    /// Reads by indentation. `#name:` is a setting without a default, `# text` is prose.
    private func lines(_ text: String) -> [Line] {
        var found: [Line] = []
        var sections: [(indent: Int, name: String)] = []
        var comment = ""
        var inComment = false
        for line in text.split(separator: "\n", omittingEmptySubsequences: false) {
            let indent = line.prefix { $0 == " " }.count
            var rest = line.dropFirst(indent)
            if rest.isEmpty || rest == "#" || rest.hasPrefix("# ") {
                comment = (inComment ? comment : "") + rest
                inComment = true
                continue
            }
            inComment = false
            let isCommented = rest.hasPrefix("#")
            if isCommented { rest = rest.dropFirst() }
            let name = rest.prefix { $0 != ":" }
            let value = rest.dropFirst(name.count + 1).drop { $0 == " " }
            sections.removeAll { $0.indent >= indent }
            let full = (sections.map(\.name) + [String(name)]).joined(separator: ".")
            if value.isEmpty {
                sections.append((indent, String(name)))
            } else {
                found.append(Line(name: full, value: String(value), isCommented: isCommented, comment: comment))
            }
        }
        return found
    }

    @Test("the example has every setting once, in the table's order")
    func everyKey() throws {
        #expect(lines(try example()).map(\.name) == ConfigurationKey.all.map(\.name))
    }

    @Test("the example shows each default, and comments out what has none")
    func defaults() throws {
        let defaults = RelayConfiguration()
        for line in lines(try example()) {
            let key = try #require(ConfigurationKey.byName[line.name])
            let hasDefault = key.standard != .none && !(key.name == ConfigurationKey.name(\.signature.secrets))
            #expect(line.isCommented != hasDefault, "\(line.name)")
            guard hasDefault else { continue }
            let node = try #require(YAMLDocument(Array(line.value.utf8)).root)
            var read = defaults
            try key.assign(node.raw, &read)
            #expect(!key.differs(read, defaults), "\(line.name)")
        }
    }

    @Test("the example says of each setting whether a reload follows it and whether it is secret")
    func marks() throws {
        for line in lines(try example()) {
            let key = try #require(ConfigurationKey.byName[line.name])
            let marks = Set(line.comment.prefix { $0 != ")" }.split { "#( ,".contains($0) }.map(String.init))
            #expect(marks.contains("live") == (key.change == .reload), "\(line.name)")
            #expect(marks.contains("secret") == (key.fileName != nil), "\(line.name)")
        }
    }

    @Test("the example with a secret loads and is the defaults")
    func loads() throws {
        let loaded = try load(try example(), environment: ["RELAY_SIGNATURE_SECRETS": "abcdefgh12345678"])
        var expected = RelayConfiguration()
        expected.signature.secrets = [Secret("abcdefgh12345678")]
        #expect(loaded.configuration == expected)
    }

    @Test("the example with every setting uncommented loads")
    func uncommented() throws {
        try withFile("pem") { (path) throws in
            let text = try example().split(separator: "\n", omittingEmptySubsequences: false).map { line in
                let rest = line.drop { $0 == " " }
                guard rest.hasPrefix("#"), !rest.hasPrefix("# "), rest != "#" else { return String(line) }
                let setting = line.prefix { $0 == " " } + rest.dropFirst()
                return setting.contains("/etc/") ? setting.prefix { $0 != ":" } + ": " + path : String(setting)
            }
            let loaded = try load(text.joined(separator: "\n"))
            #expect(loaded.configuration.http.tls?.clientCAFile == path)
            #expect(loaded.configuration.argyle.apiKeySecret != nil)
            #expect(loaded.configuration.signature.secrets.count == 1)
        }
    }

    @Test("settings, variables and places in the configuration are all different")
    func uniqueNames() {
        let names = ConfigurationKey.all.flatMap { [$0.name] + ($0.fileName.map { [$0] } ?? []) }
        #expect(Set(names).count == names.count)
        #expect(Set(names.map(ConfigurationKey.variable)).count == names.count)
        #expect(Set(ConfigurationKey.all.map { $0.path as AnyKeyPath }).count == ConfigurationKey.all.count)
        #expect(names.count == ConfigurationKey.byName.count)
        #expect(ConfigurationKey.all.allSatisfy { !$0.meaning.isEmpty && !$0.allowed.isEmpty })
    }
}
