import Foundation
import RelayTestSupport
import Testing

/// A relay whose admin listener has a port that its commands can be told of.
struct OperatedPlace {
    let place: RelayPlace

    init(_ settings: [String: String] = [:]) throws {
        let port = try #require(try FreePorts.take(1).first)
        place = try RelayPlace(settings.merging(["admin.port": "\(port)"]) { $1 })
    }

    init(_ cluster: KafkaCluster, _ settings: [String: String] = [:]) throws {
        let port = try #require(try FreePorts.take(1).first)
        place = try RelayPlace(cluster, settings.merging(["admin.port": "\(port)"]) { $1 })
    }

    /// Runs a command on this relay, or on its file.
    func command(_ arguments: String...) async throws -> Command.Outcome { try await command(arguments) }

    func command(_ arguments: [String]) async throws -> Command.Outcome {
        try await Command.run(RelayPlace.binary.path, arguments + ["--config", place.configurationFile], in: place.folder.url)
    }
}

extension Command.Outcome {
    /// The JSON objects that it printed, one a line.
    var objects: [[String: Any]] {
        output.split(separator: "\n").compactMap { try? JSONSerialization.jsonObject(with: Data($0.utf8)) as? [String: Any] }
    }
}
