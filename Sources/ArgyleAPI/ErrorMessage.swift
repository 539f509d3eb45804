import FoundationEssentials

/// What the body of an error says, on one bounded line; secrets that it echoes are blotted out.
enum ErrorMessage {
    private static let longest = 300

    static func read(_ body: [UInt8], hiding secrets: [String]) -> String {
        let text = (try? JSONDecoder().decode(Tree.self, from: Data(body)))?.text ?? String(decoding: body.prefix(4096), as: UTF8.self)
        // Longest first: one may contain another.
        let hidden = secrets.filter { !$0.isEmpty }.sorted { $0.utf8.count > $1.utf8.count }
            .reduce(text) { $0.replacing($1, with: "[redacted]") }
        let line = String(String.UnicodeScalarView(hidden.unicodeScalars.map { isPrintable($0) ? $0 : " " }))
            .split(separator: " ").joined(separator: " ")
        if line.isEmpty { return "no further words" }
        return line.count > longest ? line.prefix(longest) + "…" : line
    }

    private static func isPrintable(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.properties.generalCategory {
        case .control, .format, .lineSeparator, .paragraphSeparator, .surrogate, .privateUse, .unassigned: false
        default: true
        }
    }

    /// JSON of whatever shape, read for its words: `{"detail": "…"}`, `{"url": ["…"]}`, `["…"]`.
    private enum Tree: Decodable {
        case text(String)
        case list([Tree])
        case members([String: Tree])
        case other

        init(from decoder: any Decoder) throws {
            if let members = try? decoder.container(keyedBy: Name.self) {
                var found: [String: Tree] = [:]
                for key in members.allKeys.prefix(32) { found[key.stringValue] = try members.decode(Tree.self, forKey: key) }
                self = .members(found)
            } else if let list = try? [Tree](from: decoder) {
                self = .list(list)
            } else if let text = try? decoder.singleValueContainer().decode(String.self) {
                self = .text(text)
            } else {
                self = .other
            }
        }

        var text: String? {
            switch self {
            case .text(let text): return text
            case .list(let list):
                let texts = list.compactMap(\.text)
                return texts.isEmpty ? nil : texts.joined(separator: "; ")
            case .members(let members):
                for name in ["detail", "message", "error"] { if let text = members[name]?.text { return text } }
                let texts = members.sorted { $0.key < $1.key }.compactMap { name, tree in tree.text.map { "\(name): \($0)" } }
                return texts.isEmpty ? nil : texts.joined(separator: "; ")
            case .other: return nil
            }
        }
    }

    private struct Name: CodingKey {
        let stringValue: String
        var intValue: Int? { nil }
        init?(stringValue: String) { self.stringValue = stringValue }
        init?(intValue: Int) { nil }
    }
}
