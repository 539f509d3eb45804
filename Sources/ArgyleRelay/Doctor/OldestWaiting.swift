import RelayAdmin
import RelayClient
import RelayConfiguration
import RelayCore
import RelayOutbox

/// When the oldest entry that waits for Kafka was received: as the running relay tells or, where none runs, as the file does.
/// It takes no lock.
enum OldestWaiting {
    /// Nil where nothing waits, or nobody can tell.
    static func received(_ options: ConfigurationOptions) async -> Timestamp? {
        guard let configuration = try? options.load().configuration else { return nil }
        if case .idle(_, _, let oldest) = OutboxGlance(path: configuration.outbox.path) { return oldest }
        // Port 0 was any free port; nobody knows which.
        guard configuration.admin.port != 0 else { return nil }
        guard let client = try? HTTPClient(configuration: .init(maxConnections: 1, maxResponseBody: 1 << 20, usesProxies: false)) else { return nil }
        let relay = RemoteOperations(client: client, admin: configuration.admin, token: configuration.admin.token)
        let oldest = (try? await relay.status())?.oldestPending
        await client.shutdown()
        return oldest
    }
}
