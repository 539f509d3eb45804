import Foundation

/// Real Kafka brokers on loopback for one test, in KRaft mode, from the distribution in `KAFKA_HOME`. Its folder is fresh and is removed by
/// ``stop()``; a broker that is killed keeps its folder and its port for ``start(_:)``.
package actor KafkaCluster {
    /// Whether there is a distribution to run; tests are enabled by it.
    package static var isAvailable: Bool { ProcessInfo.processInfo.environment["KAFKA_HOME"]?.isEmpty == false }

    /// `host:port` each, in the order of the broker ids, which count from 1.
    package nonisolated let bootstrapServers: [String]
    /// The listeners with TLS and SASL; empty without.
    package nonisolated let securedServers: [String]
    private static let logging = KafkaLogging()
    private let folder: URL
    private let home: String
    private let formatting: [String]
    private var running: [Int: ServerProcess] = [:]

    /// Formats and starts `brokers` brokers and waits until each says that it has started. `properties` (`name=value`) are appended to each
    /// broker's own, `security` adds a listener with TLS and SASL. `home` is another distribution than `KAFKA_HOME`.
    package init(brokers: Int = 1, properties: [String] = [], security: KafkaSecurity? = nil, home: String? = nil) async throws {
        let ports = try FreePorts.take(brokers * 3)
        self.home = home ?? ProcessInfo.processInfo.environment["KAFKA_HOME"] ?? ""
        formatting = security?.formatting ?? []
        bootstrapServers = ports.prefix(brokers).map { "127.0.0.1:\($0)" }
        securedServers = security == nil ? [] : ports.suffix(brokers).map { "127.0.0.1:\($0)" }
        folder = FileManager.default.temporaryDirectory.appendingPathComponent("kafka-\(UUID().uuidString)")
        let voters = (1...brokers).map { "\($0)@127.0.0.1:\(ports[brokers + $0 - 1])" }.joined(separator: ",")
        for id in 1...brokers {
            let own = folder.appendingPathComponent("\(id)")
            try FileManager.default.createDirectory(at: own, withIntermediateDirectories: true)
            let lines = [
                "process.roles=broker,controller", "node.id=\(id)", "controller.quorum.voters=\(voters)",
                "listeners=PLAINTEXT://127.0.0.1:\(ports[id - 1]),CONTROLLER://127.0.0.1:\(ports[brokers + id - 1])",
                "advertised.listeners=PLAINTEXT://127.0.0.1:\(ports[id - 1])", "controller.listener.names=CONTROLLER",
                "listener.security.protocol.map=CONTROLLER:PLAINTEXT,PLAINTEXT:PLAINTEXT",
                "log.dirs=\(own.path)/data", "auto.create.topics.enable=false", "group.initial.rebalance.delay.ms=0",
                "offsets.topic.replication.factor=1", "transaction.state.log.replication.factor=1", "transaction.state.log.min.isr=1",
                "default.replication.factor=\(brokers)", "min.insync.replicas=\(min(brokers, 2))",
            ]
            let secured =
                security?.properties(plain: ports[id - 1], controller: ports[brokers + id - 1], secured: ports[2 * brokers + id - 1]) ?? []
            let file = (lines + secured + properties).joined(separator: "\n") + "\n"
            try Data(file.utf8).write(to: own.appendingPathComponent("server.properties"))
        }
        try Self.logging.write(to: folder)
        do {
            for id in 1...brokers { try await format(id) }
            // Together: alone none of several has a quorum.
            try await withThrowingTaskGroup(of: Void.self) { group in
                for id in 1...brokers { group.addTask { try await self.start(id) } }
                try await group.waitForAll()
            }
        } catch {
            await stop()
            throw error
        }
    }

    /// Runs `body` with brokers that are gone afterwards, whatever it does.
    package static func run<Result: Sendable>(
        brokers: Int = 1,
        properties: [String] = [],
        _ body: (KafkaCluster) async throws -> Result
    ) async throws -> Result {
        let cluster = try await KafkaCluster(brokers: brokers, properties: properties)
        do {
            let result = try await body(cluster)
            await cluster.stop()
            return result
        } catch {
            await cluster.stop()
            throw error
        }
    }

    /// Starts a broker that was killed or terminated, with what it had on disk.
    package func start(_ id: Int) async throws {
        let server = try script("kafka-server-start.sh", [properties(id)], broker: id)
        running[id] = server
        try await server.line(containing: "Kafka Server started")
    }

    /// Ends a broker at once (SIGKILL), as a power cut does to the process.
    package func kill(_ id: Int) async {
        await running.removeValue(forKey: id)?.end(SIGKILL)
    }

    /// Has a broker stand still with its connections open (SIGSTOP), until ``thaw(_:)``.
    package func freeze(_ id: Int) { running[id].map { _ = Foundation.kill($0.processIdentifier, SIGSTOP) } }

    package func thaw(_ id: Int) { running[id].map { _ = Foundation.kill($0.processIdentifier, SIGCONT) } }

    /// Asks a broker to hand over and end (SIGTERM), and waits for it.
    package func terminate(_ id: Int) async {
        await running.removeValue(forKey: id)?.end(SIGTERM)
    }

    /// Ends every broker and removes the folder.
    package func stop() async {
        let servers = running.values
        running = [:]
        // Nobody needs their hand-over any more, and of several the last one's would wait for a quorum.
        for server in servers { await server.end(SIGKILL) }
        try? FileManager.default.removeItem(at: folder)
    }

    private func format(_ id: Int) async throws {
        let format = try script(
            "kafka-storage.sh",
            ["format", "-t", "MkU3OEVBNTcwNTJENDM2Qk", "-c", properties(id)] + formatting,
            broker: id
        )
        try await format.success()
    }

    private func properties(_ id: Int) -> String {
        folder.appendingPathComponent("\(id)/server.properties").path
    }

    /// Runs one of the distribution's own tools (`kafka-acls.sh`) to its end.
    package func tool(_ name: String, _ arguments: [String], input: [UInt8] = []) async throws -> Command.Outcome {
        try await Command.run("\(home)/bin/\(name)", arguments, input: input, environment: environment(1))
    }

    /// Runs a class of the distribution, with `classes` beside its own.
    package func java(_ name: String, _ arguments: [String], with classes: String) async throws -> Command.Outcome {
        try await Command.run("java", ["-Xmx192m", "-cp", "\(home)/libs/*:\(classes)", name] + arguments)
    }

    private func script(_ name: String, _ arguments: [String], broker id: Int) throws -> ServerProcess {
        try ServerProcess("\(home)/bin/\(name)", arguments, environment: environment(id))
    }

    private func environment(_ id: Int) -> [String: String] {
        var environment = ProcessInfo.processInfo.environment
        environment["LOG_DIR"] = folder.appendingPathComponent("\(id)/logs").path
        environment["KAFKA_LOG4J_OPTS"] = Self.logging.options(in: folder)
        environment["KAFKA_HEAP_OPTS"] = "-Xmx384m -Xms128m"
        return environment
    }
}
