import RelayConfiguration
import RelayCore
import RelayKafka
import Synchronization

/// What `doctor` asks Kafka. It blocks its thread, bounded by its time-outs, and leaves nothing behind in Kafka.
struct KafkaChecks {
    let configuration: RelayConfiguration
    let settings: KafkaSettings
    /// How long the oldest entry has waited, if one does and that is known.
    let oldestWaiting: Duration?
    private static let patience = Duration.seconds(10)

    /// - Parameter report: is called with each finding as soon as there is one.
    func run(_ report: (Finding) -> Void) {
        report(
            KafkaLibrary.ageWarning.map { .warning("kafka.library", $0, "install a later one, such as that of Debian's backports") }
                ?? .ok("kafka.library", "librdkafka \(KafkaLibrary.version)")
        )
        guard let reached = connect(report), reached else { return }
        let admin: TopicAdmin
        let topics: [TopicDescription]
        do throws(KafkaError) {
            admin = try TopicAdmin(settings: settings)
            topics = try admin.describe(configuration.topicsKnownAhead.map(\.text), timeout: Self.patience)
        } catch {
            return report(.failed("kafka.topics", "they cannot be looked up: \(error.detail) (\(error.code))", advice(for: error)))
        }
        defer { admin.close() }
        for topic in topics { check(topic, admin, report) }
        if let finding = requestSize(admin) { report(finding) }
    }

    /// Nil where all is well, or where it cannot be told: the topics' settings say more.
    private func requestSize(_ admin: TopicAdmin) -> Finding? {
        guard let broker = try? admin.brokers(timeout: Self.patience).first?.id,
            let limit = try? admin.configuration(of: .broker(broker), timeout: Self.patience)["socket.request.max.bytes"].flatMap({
                Int($0)
            })
        else { return nil }
        return SizeCheck(configuration: configuration).finding(broker: broker, requestLimit: limit)
    }

    /// Whether brokers are reached, through TLS and SASL where those are configured, with a producer like the relay's own.
    private func connect(_ report: (Finding) -> Void) -> Bool? {
        let fault = Mutex<KafkaError?>(nil)
        let producer: KafkaProducer
        do throws(KafkaError) {
            producer = try KafkaProducer(settings: settings, onReports: { _ in }) { event in
                let told: KafkaError? =
                    switch event {
                    case .fatal(let code, let detail), .error(let code, let detail): KafkaError(code: code, detail: detail)
                    case .log(_, let facility, let message): ConnectionFault.reading(facility: facility, message: message)
                    }
                if let told { fault.withLock { $0 = ConnectionFault.better($0, told) } }
            }
        } catch {
            report(.failed("kafka.connection", "no client can be made: \(error.detail) (\(error.code))", "look at kafka.properties"))
            return nil
        }
        defer { producer.close() }
        let probe = producer.probe(timeout: Self.patience)
        let told = fault.withLock { $0 }
        switch probe {
        case .reachable(let brokers, let controller):
            let names = settings.bootstrapServers.joined(separator: ",")
            report(
                .ok(
                    "kafka.connection",
                    "\(names): \(brokers) broker\(brokers == 1 ? "" : "s")\(controller.map { ", controller \($0)" } ?? ""), \(security)"
                )
            )
            if brokers == 1 {
                report(
                    .warning("kafka.brokers", "there is one broker", "nothing is published while it is down; entries wait in the outbox")
                )
            }
            return true
        case .failed(let code, let detail):
            let error = ConnectionFault.better(told, KafkaError(code: code, detail: detail))
            report(
                .failed(
                    ConnectionFault.check(error.code),
                    "\(settings.bootstrapServers.joined(separator: ",")): \(error.detail) (\(error.code))",
                    advice(for: error)
                )
            )
            return false
        }
    }

    private func check(_ topic: TopicDescription, _ admin: TopicAdmin, _ report: (Finding) -> Void) {
        let name = "topic \(topic.name)"
        if let error = topic.error {
            if error.code.hasPrefix("unknown_topic") {
                report(
                    configuration.kafka.createTopics
                        ? .warning(
                            name,
                            "it is missing",
                            "the relay makes it at its start, as kafka.create_topics says; it needs the right to"
                        )
                        : .failed(name, "it is missing", "make it, or set kafka.create_topics; where it is there, grant Describe on it")
                )
            } else {
                report(.failed(name, "\(error.detail) (\(error.code))", "grant the relay's principal Describe and Write on it"))
            }
            return
        }
        let replicas = topic.partitions.map(\.replicas.count).min() ?? 0
        let leaderless = topic.partitions.filter { $0.leader == nil }
        if let first = leaderless.first {
            report(
                .failed(
                    name,
                    "\(leaderless.count) of \(topic.partitions.count) partitions have no leader, such as \(first.id)",
                    "look at the brokers"
                )
            )
        } else if replicas < 2 {
            report(
                .warning(
                    name,
                    "\(topic.partitions.count) partitions, \(replicas) replica",
                    "what a broker's disk loses is lost; 3 replicas with min.insync.replicas=2 are usual"
                )
            )
        } else {
            report(.ok(name, "\(topic.partitions.count) partitions, \(replicas) replicas"))
        }
        checkSettings(topic, replicas: replicas, admin, report)
        report(writing(to: topic.name))
    }

    private func checkSettings(_ topic: TopicDescription, replicas: Int, _ admin: TopicAdmin, _ report: (Finding) -> Void) {
        let values: [String: String]
        do throws(KafkaError) { values = try admin.configuration(of: .topic(topic.name), timeout: Self.patience) } catch {
            return report(
                .warning(
                    "min.insync.replicas \(topic.name)",
                    "its settings cannot be read: \(error.detail) (\(error.code))",
                    "grant DescribeConfigs on it to have min.insync.replicas and max.message.bytes checked, or look yourself"
                )
            )
        }
        if let least = values["min.insync.replicas"].flatMap({ Int($0) }) {
            let inSync = topic.partitions.map(\.inSyncReplicas.count).min() ?? 0
            let check = "min.insync.replicas \(topic.name)"
            if inSync < least {
                report(
                    .failed(
                        check,
                        "\(least), and a partition has only \(inSync) in sync",
                        "nothing can be written to it until brokers are back"
                    )
                )
            } else if least < 2, replicas >= 3 {
                report(.warning(check, "\(least) with \(replicas) replicas", "set it to 2, so that what is acknowledged outlives a broker"))
            } else if least >= replicas, replicas > 1 {
                report(
                    .warning(check, "\(least) of \(replicas) replicas", "one broker down stops publishing; use one less than the replicas")
                )
            } else {
                report(.ok(check, "\(least) of \(replicas) replicas"))
            }
        }
        if let limit = values["max.message.bytes"].flatMap({ Int($0) }) {
            report(SizeCheck(configuration: configuration).finding(topic: topic.name, limit: limit))
        }
        for finding in AgeCheck(configuration: configuration, oldestWaiting: oldestWaiting).findings(topic: topic.name, values: values) {
            report(finding)
        }
    }

    private func writing(to topic: String) -> Finding {
        let check = "write \(topic)"
        do throws(KafkaError) {
            switch try WriteProbe.ask(settings, topic: topic, timeout: Self.patience) {
            case .allowed: return .ok(check, "permitted (no record was left)")
            case .denied(let error):
                return .failed(check, "\(error.detail) (\(error.code))", "grant the relay's principal Write and Describe on the topic")
            case .unknown(let error):
                return .warning(check, "no broker said: \(error.detail) (\(error.code))", "try again when the other checks are ok")
            case .recordLeft(let partition, let offset):
                return .warning(
                    check,
                    "permitted, but the broker took the probe: a record without headers lies at partition \(partition), offset \(offset)",
                    "this broker is none of Apache's; consumers should skip what is no envelope"
                )
            }
        } catch {
            return .failed(check, "\(error.detail) (\(error.code))", "look at kafka.properties")
        }
    }

    /// Such as `SASL_SSL with SCRAM-SHA-512`.
    private var security: String {
        let value = { (names: [String]) in settings.properties.last { names.contains($0.0) }?.1.uppercased() }
        let fromServer = settings.bootstrapServers.first.flatMap { server in
            server.contains("://") ? server.prefix { $0 != ":" }.uppercased() : nil
        }
        let `protocol` = fromServer ?? value(["security.protocol"]) ?? "PLAINTEXT"
        guard `protocol`.hasPrefix("SASL"), let mechanism = value(["sasl.mechanism", "sasl.mechanisms"]) else { return `protocol` }
        return "\(`protocol`) with \(mechanism)"
    }

    private func advice(for error: KafkaError) -> String {
        KafkaLibrary.scramHint(code: error.code, properties: settings.properties) ?? ConnectionFault.advice(error.code)
    }
}
