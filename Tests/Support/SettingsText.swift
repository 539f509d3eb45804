/// A `relay.yaml` from keys as the documentation writes them (`http.tls.certificate_file`) and values in YAML's own words.
package enum SettingsText {
    package static func yaml(_ settings: [String: String]) -> String {
        lines(settings.map { ($0.key.split(separator: ".").map(String.init), $0.value) }, indentation: "")
    }

    private static func lines(_ settings: [(path: [String], value: String)], indentation: String) -> String {
        Dictionary(grouping: settings) { $0.path.first ?? "" }.sorted { $0.key < $1.key }.reduce(into: "") { text, group in
            let deeper = group.value.filter { $0.path.count > 1 }.map { (Array($0.path.dropFirst()), $0.value) }
            for setting in group.value where setting.path.count == 1 { text += "\(indentation)\(group.key): \(setting.value)\n" }
            if !deeper.isEmpty { text += "\(indentation)\(group.key):\n" + lines(deeper, indentation: indentation + "  ") }
        }
    }
}
