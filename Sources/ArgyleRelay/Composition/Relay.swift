import Logging
import NIOCore
import NIOPosix
import RelayAdmin
import RelayConfiguration
import RelayCore
import RelayHTTP
import RelayIngress
import RelayKafka
import RelayMetrics
import RelayOutbox
import RelayPublisher
import Synchronization

/// The whole relay, composed: listener, outbox, publisher, admin listener, started and stopped in the order of their dependence.
final class Relay: Sendable {
    /// What the relay started with; settings that may change are in ``current``.
    let configuration: RelayConfiguration
    let current: Mutex<ConfigurationInForce>
    let logger: Logger
    let time = TimeSource.system
    let registry = MetricsRegistry()
    let outbox: SQLiteOutbox
    let publisher: Publisher
    let diagnoser: SignatureDiagnoser
    let route: WebhookRoute
    let ingress: HTTPServer
    let admin: HTTPServer
    let adminToken: AdminToken
    /// Kafka's stand-in inside this process, where no other is configured.
    let embedded: EmbeddedBroker?
    let topics: TopicMaker?
    let rates = RateMeter()
    let certificateWatch = Mutex(CertificateWatch())
    let supervision: Supervision
    let loops: LoopBeats
    let lossAlarm: LossAlarm?
    private let group: MultiThreadedEventLoopGroup
    private let listeners: Listeners
    let stopping: Stopping
    let reloading = Reloading()

    /// Opens the outbox and makes every part; nothing listens yet.
    /// - Parameters:
    ///   - supervision: the sockets in it are listened on instead of the addresses that are configured.
    ///   - reload: reads every source again, as at the start; nil where there is nothing to read again.
    init(_ loaded: LoadedConfiguration, logger: Logger, supervision: Supervision = .none, reload: Reloading.Load? = nil) throws {
        let configuration = loaded.configuration
        self.supervision = supervision
        if configuration.admin.token == nil, let address = configuration.admin.exposedAddress(supervision.sockets) {
            throw StartFailure("the admin socket that was handed over listens on \(address): that wants an admin.token")
        }
        let descriptors = try DescriptorBudget.raised(loops: RelayConfiguration.eventLoops)
        let connections = configuration.http.maxConnections
        if let shortfall = descriptors.shortfall(of: connections) {
            logger.warning("\(shortfall); the relay goes on with these: \(descriptors.remedy(for: connections))")
        }
        self.configuration = configuration
        current = Mutex(ConfigurationInForce(loaded))
        self.logger = logger
        let time = time
        outbox = try SQLiteOutbox(
            path: configuration.outbox.path,
            settings: configuration.outboxSettings,
            meters: OutboxMeters(registry),
            time: time,
            clock: ContinuousClock()
        )
        embedded =
            switch configuration.kafka.bootstrapServers {
            case .embedded: try EmbeddedBroker()
            case .servers: nil
            }
        let kafka = configuration.kafkaSettings(bootstrapServers: configuration.servers(embedded: embedded))
        topics = TopicMaker(configuration, kafka: kafka, embedded: embedded)
        let makeTopic: (@Sendable (TopicName) throws(KafkaError) -> Void)? = topics?.make
        publisher = Publisher(
            settings: Publisher.Settings(
                mode: Envelope.Mode(configuration.envelope.mode),
                kafka: kafka,
                maxTimestampAge: configuration.kafka.maxTimestampAge,
                retry: configuration.retryBounds
            ),
            outbox: outbox,
            meters: PublishMeters(registry),
            time: time,
            clock: ContinuousClock(),
            logger: logger,
            makeTopic: makeTopic
        )
        diagnoser = SignatureDiagnoser(registry, time: time, logger: logger)
        route = WebhookRoute(
            path: configuration.http.path,
            policy: configuration.ingressPolicy,
            outbox: outbox,
            meters: DeliveryMeters(registry, outcomes: deliveryOutcomes, connectionEnds: connectionEnds),
            time: time,
            logger: logger,
            diagnoser: diagnoser
        )
        group = MultiThreadedEventLoopGroup(numberOfThreads: RelayConfiguration.eventLoops)
        loops = LoopBeats(group)
        ingress = HTTPServer(
            configuration: configuration.listener(descriptors: descriptors, socket: supervision.sockets.ingress),
            route: route,
            group: group,
            logger: logger
        )
        stopping = Stopping()
        let listeners = Listeners()
        let readiness = { @Sendable [outbox, publisher, stopping, listeners] in
            Readiness(
                outbox: outbox.status,
                isConnected: publisher.isConnected,
                fault: publisher.connectionFault,
                listenerFault: listeners.fault,
                stalled: publisher.stalledPartitions,
                isStopping: stopping.isStopping
            )
        }
        adminToken = AdminToken(configuration.admin.token)
        var operations = LocalOperations.Relay(outbox: outbox, publisher: publisher, rates: rates)
        let reloading = reloading
        operations.fingerprint = { reloading.fingerprint }
        let lossAlarm = LossAlarm(configuration, outbox: outbox, route: route, time: time, logger: logger)
        self.lossAlarm = lossAlarm
        operations.argyle = { lossAlarm?.report }
        admin = HTTPServer(
            configuration: configuration.admin.listener(socket: supervision.sockets.admin),
            route: AdminRoute(
                metrics: registry,
                readiness: readiness,
                api: OperationsAPI(
                    operations: LocalOperations(
                        outbox: outbox,
                        version: Build.version,
                        relay: operations
                    ),
                    access: adminToken.access,
                    reload: { reloading.perform() }
                )
            ),
            group: group,
            logger: logger
        )
        listeners.watch([ingress, admin])
        self.listeners = listeners
        registerGauges()
        reloading.inForce { [weak self] in self?.fingerprint }
        if let reload { reloading.connect { [weak self] in self?.reloadSupervised(reload) } }
    }

    /// Serves until ``stop()``; when it returns, everything is closed and every accepted delivery is on disk.
    /// - Parameter onReady: called once both listeners take connections; what it returns is returned after the stop.
    func run<Value: Sendable>(onReady: @Sendable () async -> Value) async throws -> Value {
        let value: Value
        do {
            value = try await serve(onReady: onReady)
        } catch {
            await close()
            throw error
        }
        await close()
        return value
    }

    private func serve<Value: Sendable>(onReady: @Sendable () async -> Value) async throws -> Value {
        async let storing: Void = outbox.run { [publisher] in publisher.handOver($0) }
        async let publishing: Void = publisher.run()
        async let diagnosing: Void = diagnoser.run()
        async let replaying: Void = publisher.runReplays(from: outbox)
        async let telling: Void = tellOfTheStore()
        if topics != nil { publisher.open(configuration.topicsKnownAhead) }
        try await admin.start()
        try await ingress.start()
        async let watching = watchListeners()
        // Cancelled when this scope ends; the stop waits for none of them.
        async let _: Void = sampleRates()
        async let _: Void = feedWatchdog()
        async let _: Void = watchForLoss()
        announce()
        supervision.notify?.ready()
        let value = await onReady()
        await stopping.wait()

        // Cancelled when this scope ends.
        async let _: Void = endWhereTheStoreHangs()
        supervision.notify?.stopping()
        tellStatus()
        logger.notice("stopping: no new connections, what was begun is finished")
        let began = time.uptime()
        await ingress.shutdown(grace: .seconds(4))
        diagnoser.stop()
        // Whoever stops us kills us after 10 s (Docker): what is left of 5 s is Kafka's.
        publisher.stop(within: max(.seconds(1), .seconds(5) - (time.uptime() - began)))
        topics?.close()
        await publishing
        await replaying
        await publisher.finishReplay(in: outbox)
        outbox.stop()
        await storing
        await admin.shutdown(grace: .seconds(1))
        _ = await (diagnosing, telling)
        logger.notice("stopped", metadata: ["pending": "\(outbox.status.pending)"])
        if let loss = await watching { throw loss }
        return value
    }

    /// A relay that nobody can reach is worth less than one that its supervisor starts anew.
    private func watchListeners() async -> HTTPServerError? {
        await listeners.firstLoss { [logger, stopping] loss in
            logger.critical("stopping: \(loss)")
            stopping.begin()
        }
    }

    /// Begins the stop; ``run(onReady:)`` returns when it is done.
    func stop() { stopping.begin() }

    private func close() async {
        embedded?.close()
        do { try await group.shutdownGracefully() } catch {
            logger.error("the event loops did not stop", metadata: ["error": "\(error)"])
        }
    }

    /// Once a second, so that status can tell rates; the certificate is looked at as well, and the service manager told how it goes.
    private func sampleRates() async {
        let clock = ContinuousClock()
        while !stopping.isStopping {
            let status = outbox.status
            rates.sample(accepted: status.accepted, published: status.published, at: time.uptime())
            lookAtCertificate()
            tellStatus()
            do { try await clock.sleep(for: .seconds(1)) } catch { return }
        }
    }

    private func announce() {
        logger.notice(
            "listening",
            metadata: [
                "deliveries":
                    "\(configuration.http.tls == nil ? "http" : "https")://\(ingress.boundAuthority ?? "")\(configuration.http.path)",
                "admin": "http://\(admin.boundAuthority ?? "")",
                "outbox": "\(configuration.outbox.path)",
                "pending": "\(outbox.status.pending)",
            ]
        )
        if let embedded {
            logger.notice(
                "the embedded broker listens",
                metadata: ["bootstrap_servers": "\(embedded.bootstrapServers.joined(separator: ","))"]
            )
        }
    }
}

/// Why the relay cannot start, in one sentence.
struct StartFailure: Error, CustomStringConvertible {
    let description: String
    init(_ description: String) { self.description = description }
}
