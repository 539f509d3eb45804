import RelayAdmin
import RelayClient
import RelayConfiguration
import RelayOutbox

/// The relay that runs with a configuration, as `doctor` asks it; it takes no lock and changes nothing.
enum RunningRelay {
    /// Its status; nil where none answers, which other checks tell.
    static func status(_ options: ConfigurationOptions) async -> StatusReport? {
        // Port 0 was any free port; nobody knows which.
        guard let configuration = try? options.loaded().configuration, configuration.admin.port != 0,
            case .inUse = OutboxGlance(path: configuration.outbox.path),
            let client = try? HTTPClient(configuration: .init(maxConnections: 1, maxResponseBody: 1 << 20, usesProxies: false))
        else { return nil }
        let remote = RemoteOperations(client: client, admin: configuration.admin, token: configuration.admin.token)
        let status = try? await remote.find()
        await client.shutdown()
        return status
    }
}
