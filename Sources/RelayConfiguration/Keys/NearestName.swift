/// Finds the known name that a mistyped one is nearest to.
enum NearestName {
    /// Names longer than this are no typing errors, and comparing them would cost.
    static let longest = 64

    /// Distance to the whole name, or to its last part when only that was written.
    static func among(_ known: some Sequence<String>, to text: String) -> String? {
        guard text.utf8.count <= longest else { return nil }
        let typed = Array(text.lowercased().utf8)
        return known.map { name in
            let whole = Array(name.lowercased().utf8)
            let last = Array(whole.split(separator: UInt8(ascii: ".")).last ?? [])
            let far = distance(typed, whole)
            return (name: name, distance: min(far, distance(typed, last) + 1), far: far)
        }
        .min { ($0.distance, $0.far, $0.name) < ($1.distance, $1.far, $1.name) }?.name
    }

    /// Levenshtein's distance in which a swap of neighbours counts once (optimal string alignment).
    static func distance(_ first: [UInt8], _ second: [UInt8]) -> Int {
        guard !first.isEmpty, !second.isEmpty else { return max(first.count, second.count) }
        var beforeLast = [Int](repeating: 0, count: second.count + 1)
        var last = Array(0...second.count)
        for row in 1...first.count {
            var current = [row] + [Int](repeating: 0, count: second.count)
            for column in 1...second.count {
                let isSame = first[row - 1] == second[column - 1]
                var best = min(last[column] + 1, current[column - 1] + 1, last[column - 1] + (isSame ? 0 : 1))
                if row > 1, column > 1, first[row - 1] == second[column - 2], first[row - 2] == second[column - 1] {
                    best = min(best, beforeLast[column - 2] + 1)
                }
                current[column] = best
            }
            beforeLast = last
            last = current
        }
        return last[second.count]
    }
}

extension ConfigurationFault {
    /// A name that no setting has.
    static func unknown(_ name: String, at origin: ValueOrigin, hint: String? = nil) -> ConfigurationFault {
        ConfigurationFault(
            key: shortened(name),
            found: "an unknown key",
            allowed: "the keys of relay.yaml.example",
            origin: origin,
            hint: hint
                ?? NearestName.among(ConfigurationKey.sections.union(ConfigurationKey.byName.keys), to: name).map { "the nearest is \($0)" }
        )
    }

    static func unknown(variable: String) -> ConfigurationFault {
        ConfigurationFault(
            key: shortened(variable),
            found: "an unknown variable",
            allowed: "RELAY_ and a key of relay.yaml.example",
            hint: NearestName.among(ConfigurationKey.byName.keys.map(ConfigurationKey.variable), to: variable).map {
                "the nearest is \($0)"
            }
        )
    }

    private static func shortened(_ name: String) -> String {
        name.unicodeScalars.count <= Quoted.longest
            ? name : String(String.UnicodeScalarView(name.unicodeScalars.prefix(Quoted.longest))) + "…"
    }
}
