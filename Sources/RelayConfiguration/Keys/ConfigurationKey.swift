/// One setting: its name, what it may be, where it lives in `RelayConfiguration` and what it means.
///
/// Everything that knows settings (loader, variable names, faults, `config check`, the test of `relay.yaml.example`) reads it from here,
/// so that no name is spelled twice.
package struct ConfigurationKey: Sendable {
    package let name: String
    package let meaning: String
    package let allowed: String
    package let change: Change
    /// What the default looks like in `relay.yaml`.
    package let standard: ShownValue

    let path: any PartialKeyPath<RelayConfiguration> & Sendable
    let takesList: Bool
    let fileForm: SecretFileForm?
    let assign: @Sendable (RawValue, inout RelayConfiguration) throws(ValueRefusal) -> Void
    let show: @Sendable (RelayConfiguration) -> ShownValue
    let hidden: @Sendable (RelayConfiguration) -> [[UInt8]]
    let differs: @Sendable (RelayConfiguration, RelayConfiguration) -> Bool

    /// When a changed value takes effect.
    package enum Change: Sendable {
        case reload, restart
    }

    init<Value>(
        _ name: String,
        _ path: any WritableKeyPath<RelayConfiguration, Value> & Sendable,
        _ format: ValueFormat<Value>,
        _ change: Change,
        _ meaning: String
    ) {
        self.name = name
        self.meaning = meaning
        self.change = change
        self.path = path
        allowed = format.allowed
        standard = format.show(RelayConfiguration()[keyPath: path])
        takesList = format.takesList
        fileForm = format.fileForm
        assign = { (raw, configuration) throws(ValueRefusal) in
            configuration[keyPath: path] = try format.parse(raw)
        }
        show = { format.show($0[keyPath: path]) }
        hidden = { format.hidden($0[keyPath: path]) }
        differs = { $0[keyPath: path] != $1[keyPath: path] }
    }

    /// The variable that sets it: `kafka.topic` is `RELAY_KAFKA_TOPIC`.
    package var variable: String { Self.variable(name) }

    /// The setting that names a file with the value, for secrets and what may hold them.
    package var fileName: String? { fileForm == nil ? nil : name + "_file" }

    static func variable(_ name: String) -> String {
        variablePrefix + String(decoding: name.utf8.map { $0 == UInt8(ascii: ".") ? UInt8(ascii: "_") : $0 }, as: UTF8.self).uppercased()
    }

    static let variablePrefix = "RELAY_"
}
