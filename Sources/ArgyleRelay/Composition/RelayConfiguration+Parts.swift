import NIOCore
import RelayConfiguration
import RelayCore
import RelayHTTP
import RelayIngress
import RelayKafka
import RelayOutbox
import RelayPublisher

/// The configuration in the words of each part.
extension RelayConfiguration {
    var ingressPolicy: IngressPolicy {
        let access = access
        return IngressPolicy(
            verifier: SignatureVerifier(secrets: signature.secrets.map { $0.reveal() }, required: signature.required),
            filter: EventFilter(events.accept),
            access: access.allow.isEmpty
                ? .everyone
                : AccessPolicy(
                    mayDeliver: { address in access.allow.contains { $0.contains(address.bytes) } },
                    isTrustedProxy: { address in access.trustedProxies.contains { $0.contains(address.bytes) } }
                ),
            maxBody: http.maxBody
        )
    }

    var routing: TopicRouting { TopicRouting(template: kafka.topic, deadLetters: kafka.deadLetterTopic) }

    var outboxLimits: OutboxLimits {
        OutboxLimits(
            maxPending: outbox.maxPending,
            minFreeDisk: outbox.minFreeDisk,
            entryRetention: outbox.retention,
            factRetention: dedup.retention,
            repeatWindow: dedup.window,
            resent: dedup.resent
        )
    }

    var outboxSettings: SQLiteOutbox.Settings {
        var settings = SQLiteOutbox.Settings(
            source: envelope.source,
            includesRaw: envelope.includeRaw,
            routing: routing,
            limits: outboxLimits
        )
        settings.answerTimeout = http.answerTimeout
        return settings
    }

    var retryBounds: BackOff.Bounds { BackOff.Bounds(initial: outbox.retry.initialDelay, maximum: outbox.retry.maxDelay) }

    func kafkaSettings(bootstrapServers: [String]) -> KafkaSettings {
        KafkaSettings(bootstrapServers: bootstrapServers, properties: kafka.properties.map { ($0.name, $0.value) })
    }

    /// Topics that are known before the first delivery: those of events that are accepted by name, and the dead letters'.
    var topicsKnownAhead: [TopicName] {
        let named = events.accept.compactMap(EventName.init)
        let filter = EventFilter(events.accept)
        let events = filter.accepts(.usersFullySynced) && !named.contains(.usersFullySynced) ? [.usersFullySynced] + named : named
        return events.compactMap(routing.topic) + [routing.deadLetters]
    }

    /// Threads that connections are spread over.
    static var eventLoops: Int { max(1, System.coreCount) }

    /// A socket that the successor listens on, too, keeps newcomers waiting while those that are idle here linger; without it they are refused.
    func listener(descriptors: DescriptorBudget, socket: InheritedSocket?) -> HTTPServer.Configuration {
        HTTPServer.Configuration(
            host: http.host,
            port: http.port,
            maxConnections: descriptors.places(of: http.maxConnections),
            requestTimeout: http.requestTimeout,
            idleTimeout: http.idleTimeout,
            lingering: socket == nil ? .milliseconds(100) : .milliseconds(500),
            socket: socket,
            tls: http.tls.map { TLSConfiguration($0) }
        )
    }
}

extension RelayConfiguration.Admin {
    func listener(socket: InheritedSocket?) -> HTTPServer.Configuration {
        HTTPServer.Configuration(
            host: host,
            port: port,
            maxConnections: DescriptorBudget.adminPlaces,
            keepsSpareDescriptor: true,
            lingering: .zero,
            socket: socket
        )
    }

    /// What is listened on, when others than this machine can reach it.
    func exposedAddress(_ sockets: InheritedSockets) -> String? {
        guard let socket = sockets.admin else { return isLoopback ? nil : host }
        return IPAddress(socket.host)?.isLoopback == true ? nil : socket.host
    }
}

extension Envelope.Mode {
    init(_ mode: RelayConfiguration.Envelope.Mode) {
        self =
            switch mode {
            case .structured: .structured
            case .binary: .binary
            }
    }
}
