/// What one source says: raw values by the name of their setting, and what is wrong with the source itself.
struct SettingsLayer {
    struct Given: Equatable {
        let raw: RawValue
        let origin: ValueOrigin
    }

    var values: [String: Given] = [:]
    var faults: [ConfigurationFault] = []
    var warnings: [String] = []
    /// Whether it could be read at all; if not, what it would have set is unknown.
    var isKnown = true

    /// Bound on faults of one source, so that a wrong file does not print itself.
    static let mostFaults = 50

    mutating func report(_ fault: ConfigurationFault) {
        if faults.count < Self.mostFaults { faults.append(fault) }
    }
}

extension RawValue {
    /// A value written in one text: a list has commas between its entries, or is a YAML flow list when it begins with `[`.
    static func written(_ text: String, for key: ConfigurationKey, name: String) -> RawValue {
        guard name == key.name, key.takesList, !text.isEmpty else { return .text(text) }
        if text.utf8.first == UInt8(ascii: "[") {
            guard text.utf8.count <= SettingsLayer.longestFile else { return .misshapen("a list longer than 1MiB") }
            let document = YAMLDocument(Array(text.utf8))
            guard document.faults.isEmpty, let root = document.root, case .sequence = root.content else {
                return .misshapen("a list that cannot be read")
            }
            return root.raw
        }
        let entries = text.utf8.split(separator: UInt8(ascii: ","), omittingEmptySubsequences: false).map { entry in
            let blank = { (byte: UInt8) in byte == UInt8(ascii: " ") || byte == UInt8(ascii: "\t") }
            let trimmed = entry.drop(while: blank).reversed().drop(while: blank).reversed()
            return String(decoding: Array(trimmed), as: UTF8.self)
        }
        return .list(entries)
    }

    /// Its shape alone, for a place where even open values are not shown.
    var shape: String {
        switch self {
        case .nothing: "nothing"
        case .text: "text"
        case .list: "a list"
        case .misshapen(let shape): shape
        }
    }
}
