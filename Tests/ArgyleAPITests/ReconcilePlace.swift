import Foundation
import RelayKafka
import RelayTestSupport
import Testing

/// A relay's place whose commands know where the world is.
struct ReconcilePlace {
    let place: RelayPlace

    init(_ url: String, _ settings: [String: String] = [:]) throws {
        let port = try #require(try FreePorts.take(1).first)
        let usual = [
            "admin.port": "\(port)", "argyle.api_url": url, "argyle.api_key_id": "key-id", "argyle.api_key_secret": "key-secret",
        ]
        place = try RelayPlace(usual.merging(settings) { $1 })
    }

    func arguments(_ more: [String]) -> [String] { ["reconcile", "--rate", "40", "--config", place.configurationFile] + more }

    func reconcile(_ arguments: String...) async throws -> Outcome {
        let outcome = try await Command.run(RelayPlace.binary.path, self.arguments(arguments), in: place.folder.url)
        for text in [outcome.output, outcome.errors] { #expect(!text.contains("key-secret") && !text.contains(RelayPlace.secret)) }
        return Outcome(status: outcome.status, output: outcome.output, errors: outcome.errors)
    }

    struct Outcome {
        let status: Int32
        let output: String
        let errors: String

        /// By users' numbers.
        var found: [Int: [String: Any]] {
            output.split(separator: "\n").reduce(into: [:]) { found, line in
                guard let line = try? JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any] else { return }
                if let number = (line["user"] as? String).flatMap({ Int($0.suffix(12)) }) { found[number] = line }
            }
        }
        /// The numbers of the users of whom it says so.
        func users(_ outcome: String) -> Set<Int> { Set(found.filter { $0.value["outcome"] as? String == outcome }.keys) }
    }
}

extension RelayProcess {
    /// What a consumer finds in the embedded broker's topic.
    func envelopes() async throws -> [[String: Any]] {
        let servers = try #require(log.firstRange(of: "bootstrap_servers=").map { log[$0.upperBound...].prefix { !$0.isWhitespace } })
        let settings = KafkaSettings(bootstrapServers: servers.split(separator: ",").map(String.init))
        return try await settings.records(in: "argyle.users.fully-synced").compactMap { record in
            try record.value.flatMap { try JSONSerialization.jsonObject(with: Data($0)) as? [String: Any] }
        }
    }
}
