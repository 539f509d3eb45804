package import RelayClient

/// What the relay says of itself on its admin listener.
extension RelayProcess {
    private static let client = Result { try HTTPClient() }

    package func get(_ path: String) async throws -> HTTPClientResponse {
        try await Self.client.get().execute(url: admin + path)
    }

    /// The body of `GET /readyz`, whatever its status.
    package func readiness() async throws -> (status: Int, text: String) {
        let answer = try await get("/readyz")
        return (answer.status, String(decoding: answer.body, as: UTF8.self))
    }

    /// A sample's value, named without the prefix and with its labels (`deliveries_total{outcome="accepted"}`); nil when there is none yet.
    package func metric(_ sample: String) async throws -> Double? {
        let text = String(decoding: try await get("/metrics").body, as: UTF8.self)
        return text.split(separator: "\n").first { $0.hasPrefix("argyle_relay_\(sample) ") }
            .flatMap { $0.split(separator: " ").last }.flatMap { Double($0) }
    }

    /// Waits until nothing waits for Kafka any more. Returns whether it came to that.
    package func isPublished(within limit: Duration) async throws -> Bool {
        try await eventually(within: limit, every: .milliseconds(100)) { try await metric("outbox_pending") == 0 }
    }
}
