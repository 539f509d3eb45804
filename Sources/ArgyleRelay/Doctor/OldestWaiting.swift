import NIOCore
import NIOPosix
import RelayAdmin
import RelayConfiguration
import RelayCore
import RelayHTTP
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
        let group = MultiThreadedEventLoopGroup(numberOfThreads: 1)
        var oldest: Timestamp?
        if let client = try? HTTPClient(configuration: HTTPClient.Configuration(maxConnections: 1, maxResponseBody: 1 << 20), group: group)
        {
            let relay = RemoteOperations(client: client, admin: configuration.admin, token: configuration.admin.token)
            oldest = (try? await relay.status())?.oldestPending
            await client.shutdown()
        }
        try? await group.shutdownGracefully()
        return oldest
    }
}
