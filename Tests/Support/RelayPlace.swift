package import Foundation

/// A folder with a relay's configuration and outbox, in which a relay can be started again and again.
package struct RelayPlace: Sendable {
    package static let secret = "acceptance-secret-6b1f"
    /// The program under test: what `ARGYLE_RELAY_BINARY` names, or else what was built beside this test's own bundle.
    package static let binary =
        if let other = ProcessInfo.processInfo.environment["ARGYLE_RELAY_BINARY"] {
            URL(fileURLWithPath: other)
        } else {
            URL(fileURLWithPath: CommandLine.arguments[0]).resolvingSymlinksInPath()
                .deletingLastPathComponent().appendingPathComponent("argyle-relay")
        }

    package let folder: TemporaryFolder
    package var configurationFile: String { folder.path + "/relay.yaml" }
    package var outbox: String { folder.path + "/data/outbox.sqlite" }

    /// - Parameter settings: by documented key, values in YAML; they stand above what every test wants (free ports, a secret, no disk floor).
    package init(_ settings: [String: String] = [:]) throws {
        folder = try TemporaryFolder()
        try configure(settings)
    }

    /// Writes the configuration anew, for the next start.
    package func configure(_ settings: [String: String]) throws {
        let usual = [
            "http.port": "0", "admin.port": "0", "signature.secrets": "[\(Self.secret)]", "outbox.path": outbox,
            "outbox.min_free_disk": "0B",
        ]
        try SettingsText.yaml(usual.merging(settings) { $1 }).write(toFile: configurationFile, atomically: true, encoding: .utf8)
    }

    /// Runs a command of the program to its end, in this folder.
    package func run(_ arguments: String...) async throws -> Command.Outcome {
        try await Command.run(Self.binary.path, arguments, in: folder.url)
    }

    /// Runs `serve`, which is expected to end by itself; one that does not is ended after 20 s with 124.
    package func serveToItsEnd() async throws -> Command.Outcome {
        try await Command.run("timeout", ["20", Self.binary.path, "serve", "--config", configurationFile], in: folder.url)
    }

    /// What `query` finds in the outbox of a relay that has ended, one row a line, columns parted by `|`.
    package func rows(_ query: String) async throws -> [String] {
        try await Command.run("sqlite3", ["-bail", outbox, query]).output.split(separator: "\n").map(String.init)
    }
}
