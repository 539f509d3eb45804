/// What one source says: raw values by the name of their setting, and what is wrong with the source itself.
struct SettingsLayer {
    struct Given: Equatable {
        let raw: RawValue
        let origin: ValueOrigin
    }

    fileprivate(set) var values: [String: Given] = [:]
    fileprivate(set) var faults: [ConfigurationFault] = []
    fileprivate(set) var warnings: [String] = []
    /// Whether it could be read at all; if not, what it would have set is unknown.
    fileprivate(set) var isKnown = true

    /// Bound on faults of one source, so that a wrong file does not print itself.
    static let mostFaults = 50

    fileprivate mutating func report(_ fault: ConfigurationFault) {
        if faults.count < Self.mostFaults { faults.append(fault) }
    }
}

/// Where `relay.yaml` is.
package enum ConfigurationFile: Sendable, Equatable {
    case none
    /// Read when it is there.
    case ifPresent(String)
    case required(String)
    case contents([UInt8], named: String)
}

extension SettingsLayer {
    /// Bound on `relay.yaml`.
    static let longestFile = 1 << 20

    init(file: ConfigurationFile) {
        switch file {
        case .none: break
        case .contents(let bytes, let name): read(bytes, name)
        case .ifPresent(let path), .required(let path):
            do throws(BoundedFile.Refusal) {
                read(try BoundedFile.read(path, atMost: Self.longestFile), path)
            } catch {
                if error.isAbsent, case .ifPresent = file { return }
                isKnown = false
                report(ConfigurationFault(key: "configuration file", found: error.found, allowed: "a readable file of at most 1MiB"))
            }
        }
    }

    private mutating func read(_ bytes: [UInt8], _ path: String) {
        guard bytes.count <= Self.longestFile else {
            isKnown = false
            report(ConfigurationFault(key: Quoted.line(path), found: "more than 1MiB", allowed: "a file of at most 1MiB"))
            return
        }
        let document = YAMLDocument(bytes)
        for fault in document.faults {
            isKnown = false
            report(
                ConfigurationFault(
                    key: "configuration file",
                    found: fault.found,
                    allowed: fault.allowed,
                    origin: .file(path: path, line: fault.line)
                )
            )
        }
        guard let root = document.root, !root.isNull else { return }
        walk(root, prefix: "", path: path)
    }

    private mutating func walk(_ node: YAMLNode, prefix: String, path: String) {
        guard case .mapping(let members) = node.content else {
            if node.isNull || node.content == .refused { return }
            report(
                ConfigurationFault(
                    key: prefix.isEmpty ? "configuration file" : prefix,
                    found: "\(node.raw.shape) where a section belongs",
                    allowed: "settings, as in relay.yaml.example",
                    origin: .file(path: path, line: node.line)
                )
            )
            return
        }
        for member in members {
            let name = prefix.isEmpty ? member.key : "\(prefix).\(member.key)"
            let origin = ValueOrigin.file(path: path, line: member.line)
            if member.key.utf8.contains(UInt8(ascii: ".")) {
                report(.unknown(name, at: origin, hint: "nest sections: a: and below it, indented, b:"))
            } else if ConfigurationKey.byName[name] != nil {
                if member.value.content != .refused {
                    values[name] = Given(raw: member.value.raw, origin: origin)
                }
            } else if ConfigurationKey.sections.contains(name) {
                walk(member.value, prefix: name, path: path)
            } else if faults.count < Self.mostFaults {
                report(.unknown(name, at: origin))
            }
        }
    }
}

extension SettingsLayer {
    /// Reads the variables that begin with `RELAY_`; the rest of the environment is none of ours.
    init(environment: [String: String]) {
        let names = Dictionary(
            ConfigurationKey.byName.keys.map { (ConfigurationKey.variable($0), $0) },
            uniquingKeysWith: { first, _ in first }
        )
        for (variable, value) in environment.sorted(by: { $0.key < $1.key }) where variable.hasPrefix(ConfigurationKey.variablePrefix) {
            if KubernetesServiceLink.matches(variable, value) {
                warnings.append(
                    "\(Quoted.line(variable)) is ignored: Kubernetes sets it for a service (enableServiceLinks: false ends that)"
                )
                continue
            }
            let origin = ValueOrigin.environment(variable: variable)
            guard let name = names[variable], let key = ConfigurationKey.byName[name] else {
                if faults.count < Self.mostFaults { report(.unknown(variable: variable)) }
                continue
            }
            values[name] = Given(raw: .written(value, for: key, name: name), origin: origin)
        }
    }

    /// Reads settings by name, as `--set name=value` gives them.
    init(flags: [String: String]) {
        for (name, value) in flags.sorted(by: { $0.key < $1.key }) {
            guard let key = ConfigurationKey.byName[name] else {
                if faults.count < Self.mostFaults { report(.unknown(name, at: .flag)) }
                continue
            }
            values[name] = Given(raw: .written(value, for: key, name: name), origin: .flag)
        }
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
