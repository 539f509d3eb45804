/// How a setting is written: what its text may be, how it becomes a value and how the value is shown.
///
/// `parse` is total: any input either gives a value that keeps the setting's rules or a refusal.
struct ValueFormat<Value: Sendable & Equatable>: Sendable {
    /// What a fault says is allowed.
    let allowed: String
    /// Whether a flag or a variable holds several values, separated by commas or as a YAML flow list.
    var takesList = false
    /// How the content of `x_file` is read; `nil` when the setting has no such form.
    var fileForm: SecretFileForm?
    let parse: @Sendable (RawValue) throws(ValueRefusal) -> Value
    /// What may be shown of the value, in the form `parse` would read.
    let show: @Sendable (Value) -> ShownValue
    /// The bytes that `show` hides; they enter the fingerprint only.
    var hidden: @Sendable (Value) -> [[UInt8]] = { _ in [] }
}

/// A value as a source gave it, before its setting gave it a type.
enum RawValue: Sendable, Equatable {
    case nothing
    case text(String)
    case list([String])
    /// A shape that no setting has, described for the fault.
    case misshapen(String)

    /// For a fault of a setting that is no secret.
    var shown: String {
        switch self {
        case .nothing: "nothing"
        case .text(let text): text.isEmpty ? "nothing" : Quoted.value(text)
        case .list(let elements): elements.isEmpty ? "an empty list" : "a list of \(elements.count)"
        case .misshapen(let shape): shape
        }
    }
}

/// A value as `config check` shows it, secrets already redacted.
package enum ShownValue: Sendable, Equatable {
    case none
    case text(String)
    case list([String])
}

/// Why a format refused a value; what it leaves out, the setting fills in.
struct ValueRefusal: Error, Equatable {
    var found: String?
    var hint: String?
}

/// How the content of a secret file becomes a value.
enum SecretFileForm: Sendable {
    /// All of it, less one trailing newline.
    case whole
    /// One value a line.
    case lines
    /// One value a line; blank lines and those that begin with `#` are skipped.
    case commentedLines
}

extension ValueFormat {
    /// A format for one text.
    static func scalar(
        _ allowed: String,
        parse: @escaping @Sendable (String) throws(ValueRefusal) -> Value,
        show: @escaping @Sendable (Value) -> String
    ) -> ValueFormat {
        ValueFormat(
            allowed: allowed,
            parse: { (raw) throws(ValueRefusal) -> Value in
                guard case .text(let text) = raw else { throw ValueRefusal() }
                return try parse(text)
            },
            show: { .text(show($0)) }
        )
    }

    /// A format for a list of texts, each of which `element` reads.
    static func list<Element>(
        of element: ValueFormat<Element>,
        _ allowed: String,
        atLeast minimum: Int = 0,
        atMost maximum: Int = 256
    ) -> ValueFormat where Value == [Element] {
        ValueFormat(
            allowed: allowed,
            takesList: true,
            parse: { (raw) throws(ValueRefusal) -> [Element] in
                if case .text(let text) = raw, !text.isEmpty {
                    throw ValueRefusal(found: raw.shown, hint: "write it as a list")
                }
                guard case .list(let texts) = raw else { throw ValueRefusal() }
                guard texts.count >= minimum, texts.count <= maximum else {
                    throw ValueRefusal(found: raw.shown, hint: texts.count > maximum ? "at most \(maximum)" : nil)
                }
                var values: [Element] = []
                for text in texts {
                    do throws(ValueRefusal) {
                        values.append(try element.parse(.text(text)))
                    } catch {
                        throw ValueRefusal(found: error.found ?? RawValue.text(text).shown, hint: error.hint)
                    }
                }
                return values
            },
            show: { values in
                .list(
                    values.flatMap { value -> [String] in
                        switch element.show(value) {
                        case .none: []
                        case .text(let text): [text]
                        case .list(let texts): texts
                        }
                    }
                )
            },
            hidden: { $0.flatMap(element.hidden) }
        )
    }

    /// The same format for a setting that may be left out.
    static func optional<Wrapped>(_ format: ValueFormat<Wrapped>) -> ValueFormat where Value == Wrapped? {
        ValueFormat(
            allowed: format.allowed,
            takesList: format.takesList,
            fileForm: format.fileForm,
            parse: { (raw) throws(ValueRefusal) -> Wrapped? in
                if case .nothing = raw { return nil }
                return try format.parse(raw)
            },
            show: { $0.map(format.show) ?? .none },
            hidden: { $0.map(format.hidden) ?? [] }
        )
    }
}
