import FoundationEssentials
import RelayConfiguration

/// A signing secret that satisfies `signature.required`.
let anySecret = "signature: {secrets: [abcdefgh12345678]}\n"

/// Loads YAML text, as if it were `relay.yaml`.
func load(
    _ yaml: String,
    environment: [String: String] = [:],
    flags: [String: String] = [:],
    otherVariables: Set<String> = [],
    propertyCheck: RelayConfiguration.PropertyCheck = { _ in [] },
    tlsCheck: RelayConfiguration.TLSCheck = { _ in [] }
) throws(ConfigurationError) -> LoadedConfiguration {
    try RelayConfiguration.load(
        file: .contents(Array(yaml.utf8), named: "relay.yaml"),
        environment: environment,
        flags: flags,
        otherVariables: otherVariables,
        propertyCheck: propertyCheck,
        tlsCheck: tlsCheck
    )
}

/// The faults of a configuration, one line each; empty when it loads.
func faults(_ yaml: String, environment: [String: String] = [:], flags: [String: String] = [:]) -> [String] {
    do throws(ConfigurationError) {
        _ = try load(yaml, environment: environment, flags: flags)
        return []
    } catch {
        return error.faults.map(\.description)
    }
}

/// A file for the time of the test.
func withFile<Result>(_ content: some Sequence<UInt8>, _ body: (String) throws -> Result) throws -> Result {
    let path = FileManager.default.temporaryDirectory.path + "/relay-configuration-\(UUID().uuidString)"
    try Data(content).write(to: URL(filePath: path))
    defer { try? FileManager.default.removeItem(atPath: path) }
    return try body(path)
}

func withFile<Result>(_ content: String, _ body: (String) throws -> Result) throws -> Result {
    try withFile(content.utf8, body)
}
