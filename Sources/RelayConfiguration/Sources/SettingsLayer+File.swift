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
