import NIOCore
import NIOPosix
import RelayAdmin
import RelayConfiguration
import RelayHTTP
import RelayOutbox

/// Whether entries wait for a topic that nothing is routed to any more: they would wait for ever.
enum StrandedCheck {
    /// Of an outbox that no relay has open.
    static func ofFile(_ configuration: RelayConfiguration) -> [Finding] {
        OutboxGlance.strandedTopics(path: configuration.outbox.path, inForce: configuration.routing).map(finding)
    }

    /// Of the relay that runs with this configuration; nothing where none answers, which other checks tell.
    static func ofRunningRelay(_ options: ConfigurationOptions) async -> [Finding] {
        guard let configuration = try? options.loaded().configuration, configuration.admin.port != 0,
            case .inUse = OutboxGlance(path: configuration.outbox.path)
        else { return [] }
        let group = MultiThreadedEventLoopGroup(numberOfThreads: 1)
        var stranded: [StrandedTopic] = []
        if let client = try? HTTPClient(configuration: HTTPClient.Configuration(maxConnections: 1, maxResponseBody: 1 << 20), group: group)
        {
            let remote = RemoteOperations(client: client, admin: configuration.admin, token: configuration.admin.token)
            stranded = (try? await remote.find().stranded) ?? []
            await client.shutdown()
        }
        try? await group.shutdownGracefully()
        return stranded.map(finding)
    }

    private static func finding(_ topic: StrandedTopic) -> Finding {
        .failed(
            "stranded",
            "\(topic.isMore ? "more than " : "")\(topic.waiting) entries wait for topic \(topic.topic), which nothing is routed to any more",
            "argyle-relay outbox reroute --topic \(topic.topic)"
        )
    }
}
