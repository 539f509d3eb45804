/// Which module may import which, besides itself: the house's walls. SwiftPM does not catch an undeclared import that is reachable
/// through another target, so this list is the only thing that does.
enum ImportRules {
    private static let platform: Set = ["Foundation", "FoundationEssentials", "Dispatch", "Synchronization", "Glibc"]

    static let allowed: [String: Set<String>] = [
        "RelayCore": ["COpenSSL", "FoundationEssentials"],
        "RelayMetrics": platform,
        "RelayThread": platform.union(["CThread"]),
        "RelayConfiguration": platform.union(["COpenSSL", "CYAML", "RelayCore"]),
        "RelayHTTP": platform.union(["COpenSSL", "NIOCore", "NIOPosix", "Logging"]),
        "RelayClient": platform.union(["CCurl", "RelayThread"]),
        "RelayOutbox": platform.union(["CSQLite", "RelayCore", "RelayMetrics", "RelayThread"]),
        "RelayKafka": platform.union(["CRdKafka", "RelayCore", "RelayThread"]),
        "RelayIngress": platform.union(["RelayCore", "RelayOutbox", "RelayMetrics", "RelayHTTP", "Logging"]),
        "RelayPublisher": platform.union(["RelayCore", "RelayOutbox", "RelayKafka", "RelayMetrics", "Logging"]),
        "RelayAdmin": platform.union(["RelayCore", "RelayOutbox", "RelayMetrics", "RelayHTTP", "Logging"]),
        "ArgyleAPI": platform.union(["RelayClient", "RelayCore"]),
        "ArgyleRelay": platform.union([
            "RelayCore", "RelayMetrics", "RelayConfiguration", "RelayHTTP", "RelayClient", "RelayOutbox", "RelayKafka",
            "RelayIngress", "RelayPublisher", "RelayAdmin", "ArgyleAPI", "ArgumentParser", "Logging", "NIOCore", "NIOPosix",
        ]),
    ]

    /// From the ground up: a target imports only from floors below its own.
    static let floors: [[String]] = [
        ["RelayCore", "RelayMetrics", "RelayThread"],
        ["RelayConfiguration", "RelayHTTP", "RelayClient", "RelayOutbox", "RelayKafka"],
        ["RelayIngress", "RelayPublisher", "RelayAdmin", "ArgyleAPI"],
        ["ArgyleRelay"],
    ]

    /// Refuses each import in a file of `Sources/<target>/` that the target's line above does not name.
    static func faults(path: String, text: String) -> [Fault] {
        let parts = path.split(separator: "/")
        guard parts.count > 2, parts[0] == "Sources" else { return [] }
        let target = String(parts[1])
        guard let allowed = allowed[target] else {
            return [Fault(path: path, line: 0, reason: "\(target) has no line in ImportRules.allowed")]
        }
        let source = SourceText(text)
        return source.lines(with: "import").flatMap { line in
            modules(in: source.words(ofLine: line)).filter { !allowed.contains($0) }
                .map { Fault(path: path, line: line, reason: "\(target) may not import \($0)") }
        }
    }

    /// `package import struct Foo.Bar` names `Foo`. `import` as anything but a word of its own (a label, an argument) names nothing.
    static func modules(in words: [String]) -> [String] {
        let kinds: Set = ["struct", "class", "enum", "protocol", "typealias", "func", "var", "let", "actor"]
        return words.indices.filter { words[$0] == "import" }.compactMap { at in
            words[(at + 1)...].first { !kinds.contains($0) }?.split(separator: ".").first.map(String.init)
        }
    }
}
