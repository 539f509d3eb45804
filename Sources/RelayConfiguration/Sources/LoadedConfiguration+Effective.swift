import FoundationEssentials

/// The listing of `config check`: every setting, its value with secrets redacted, and where it came from.
extension LoadedConfiguration {
    /// One line of the listing.
    package struct Effective: Sendable, Equatable {
        package let key: String
        package let value: ShownValue
        package let origin: ValueOrigin
        package let change: ConfigurationKey.Change
    }

    package func effective() -> [Effective] {
        ConfigurationKey.all.map { key in
            Effective(key: key.name, value: key.show(configuration), origin: origins[key.name] ?? .standard, change: key.change)
        }
    }

    /// In columns, one line a setting.
    package func effectiveText() -> String {
        let rows = effective().map { row in (key: row.key, value: row.value.text, origin: row.origin.description) }
        let keyWidth = rows.map(\.key.count).max() ?? 0
        let valueWidth = min(rows.map(\.value.count).max() ?? 0, 40)
        let pad = { (text: String, width: Int) in text + String(repeating: " ", count: max(width - text.count, 0)) }
        return rows.map { "\(pad($0.key, keyWidth))  \(pad($0.value, valueWidth))  \($0.origin)\n" }.joined()
    }

    /// A JSON object: `settings` (each with `key`, `value`, `origin`, `reloadable`), `warnings` and `fingerprint`.
    ///
    /// A value is text as `relay.yaml` would have it, a list of texts, or null.
    package func effectiveJSON() throws -> String {
        let report = Report(
            settings: effective().map {
                Report.Setting(key: $0.key, value: $0.value, origin: $0.origin.description, reloadable: $0.change == .reload)
            },
            warnings: warnings,
            fingerprint: fingerprint()
        )
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
        return String(decoding: try encoder.encode(report), as: UTF8.self)
    }

    private struct Report: Encodable {
        struct Setting: Encodable {
            let key: String
            let value: ShownValue
            let origin: String
            let reloadable: Bool
        }

        let settings: [Setting]
        let warnings: [String]
        let fingerprint: String
    }
}

extension ShownValue: Encodable {
    /// For a column of text.
    package var text: String {
        switch self {
        case .none: "<none>"
        case .text(let text): Quoted.line(text)
        case .list(let entries): "[" + entries.map(Quoted.line).joined(separator: ", ") + "]"
        }
    }

    package func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        switch self {
        case .none: try container.encodeNil()
        case .text(let text): try container.encode(text)
        case .list(let entries): try container.encode(entries)
        }
    }
}
