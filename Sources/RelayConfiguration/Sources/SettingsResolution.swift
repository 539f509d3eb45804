/// Puts the layers over one another, lowest first, and collects every fault on the way.
struct SettingsResolution {
    private(set) var configuration = RelayConfiguration()
    private(set) var origins: [String: ValueOrigin] = [:]
    private(set) var faults: [ConfigurationFault]
    private(set) var warnings: [String]
    /// Settings whose value is not known because of a fault; rules that speak of them are not applied.
    private(set) var failed: Set<String> = []

    /// Bound on a secret file.
    static let longestSecretFile = 256 << 10

    /// `layers` are in rising precedence.
    init(_ layers: [SettingsLayer]) {
        faults = layers.flatMap(\.faults)
        warnings = layers.flatMap(\.warnings)
        for key in ConfigurationKey.all {
            resolve(key, layers)
        }
        if layers.contains(where: { !$0.isKnown }) {
            failed.formUnion(ConfigurationKey.all.map(\.name).filter { origins[$0] == nil })
        }
    }

    /// A value that a higher layer covers is checked all the same: it would otherwise stop a later start. Only a covered secret file is left unread.
    private mutating func resolve(_ key: ConfigurationKey, _ layers: [SettingsLayer]) {
        let top = layers.lastIndex { $0.values[key.name] != nil || key.fileName.flatMap($0.value) != nil }
        for (index, layer) in layers.enumerated() {
            let direct = layer.values[key.name]
            let file = key.fileName.flatMap(layer.value)
            if direct != nil, let file, let fileName = key.fileName {
                fail(
                    key,
                    ConfigurationFault(
                        key: key.name,
                        found: "both \(key.name) and \(fileName)",
                        allowed: "one of them",
                        origin: file.origin
                    )
                )
            } else if let direct {
                assign(direct, to: key)
            } else if let file, index == top {
                assign(file, of: key)
            }
        }
    }

    private mutating func assign(_ given: SettingsLayer.Given, to key: ConfigurationKey) {
        var candidate = configuration
        do throws(ValueRefusal) {
            try key.assign(given.raw, &candidate)
        } catch {
            let found = error.found ?? (key.fileForm == nil ? given.raw.shown : given.raw.shape)
            fail(key, ConfigurationFault(key: key.name, found: found, allowed: key.allowed, origin: given.origin, hint: error.hint))
            return
        }
        if given.origin == .flag, !key.hidden(candidate).isEmpty {
            let fileName = key.fileName ?? key.name
            fail(
                key,
                ConfigurationFault(
                    key: key.name,
                    found: "a secret on the command line, which every process may read",
                    allowed: "\(key.variable) or \(fileName)",
                    origin: given.origin
                )
            )
            return
        }
        configuration = candidate
        origins[key.name] = given.origin
    }

    /// Reads the file that `x_file` names.
    private mutating func assign(_ file: SettingsLayer.Given, of key: ConfigurationKey) {
        guard let fileName = key.fileName, let form = key.fileForm else { return }
        guard case .text(let path) = file.raw, !path.isEmpty, path.utf8.count < 4096, !path.utf8.contains(0) else {
            fail(key, ConfigurationFault(key: fileName, found: file.raw.shown, allowed: "the path of a file", origin: file.origin))
            return
        }
        do throws(BoundedFile.Refusal) {
            let bytes = try BoundedFile.read(path, atMost: Self.longestSecretFile)
            guard let raw = form.raw(bytes) else { throw BoundedFile.Refusal(found: "\(Quoted.value(path)), which is not UTF-8 text") }
            assign(SettingsLayer.Given(raw: raw, origin: .secretFile(path: path, namedBy: file.origin)), to: key)
        } catch {
            let limit = SizeUnit.text(Self.longestSecretFile)
            fail(
                key,
                ConfigurationFault(
                    key: fileName,
                    found: error.found,
                    allowed: "a readable file of at most \(limit)",
                    origin: file.origin
                )
            )
        }
    }

    private mutating func fail(_ key: ConfigurationKey, _ fault: ConfigurationFault) {
        failed.insert(key.name)
        faults.append(fault)
    }
}

extension SettingsLayer {
    fileprivate func value(_ name: String) -> Given? { values[name] }
}

extension SecretFileForm {
    /// `nil` when the content is not UTF-8. A line ends with LF or CRLF.
    func raw(_ bytes: [UInt8]) -> RawValue? {
        guard let text = String(validating: Self.withoutNewline(bytes[...]), as: UTF8.self) else { return nil }
        switch self {
        case .whole: return .text(text)
        case .lines: return text.isEmpty ? .text(text) : .list(Self.lines(text))
        case .commentedLines: return .list(Self.lines(text).filter { !$0.isEmpty && !$0.hasPrefix("#") })
        }
    }

    private static func lines(_ text: String) -> [String] {
        text.utf8.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false).map { line in
            String(Substring(line.last == UInt8(ascii: "\r") ? line.dropLast() : line))
        }
    }

    private static func withoutNewline(_ bytes: ArraySlice<UInt8>) -> ArraySlice<UInt8> {
        guard bytes.last == UInt8(ascii: "\n") else { return bytes }
        let line = bytes.dropLast()
        return line.last == UInt8(ascii: "\r") ? line.dropLast() : line
    }
}
