import RelayAdmin
import RelayClient
import RelayConfiguration
import RelayCore

/// What a rotation wants of the running relay.
struct RotatingRelay: Sendable {
    /// What a reload has changed.
    struct Reloaded: Decodable, Sendable {
        let changed: [String]
        let fingerprint: String
    }

    var reload: @Sendable () async throws(OperationFault) -> Reloaded
    /// Genuine deliveries by the position of their secret, from 1.
    var matches: @Sendable () async throws(OperationFault) -> [Int: Int]
}

extension RotatingRelay {
    init(_ remote: RemoteOperations) {
        self.init(
            reload: { () throws(OperationFault) in try await remote.reload() },
            matches: { () throws(OperationFault) in Self.matches(in: try await remote.metrics()) }
        )
    }

    /// Reads Prometheus' text: `argyle_relay_signature_secret_matches_total{secret="1"} 42`.
    static func matches(in text: String) -> [Int: Int] {
        let beginning = #"argyle_relay_signature_secret_matches_total{secret=""#
        var matches: [Int: Int] = [:]
        for line in text.split(separator: "\n") where line.hasPrefix(beginning) {
            let parts = line.dropFirst(beginning.count).split(separator: "\"")
            guard parts.count == 2, let position = Int(parts[0]), let count = Double(parts[1].drop { $0 == "}" || $0 == " " }) else {
                continue
            }
            matches[position] = Int(exactly: count)
        }
        return matches
    }
}
