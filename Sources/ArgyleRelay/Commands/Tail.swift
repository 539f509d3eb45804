import ArgumentParser
import RelayConfiguration
import RelayCore
import RelayKafka

/// `argyle-relay tail`
struct Tail: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Follow the topics: one line an event.",
        discussion: """
            Reads without a consumer group and commits nothing. Without --since it shows what arrives from now on; with --until-end it shows what is \
            there and ends. Topics of events that events.accept names by a glob alone are not known ahead: name them with --topic.
            """
    )

    @OptionGroup var options: ConfigurationOptions
    @Option(name: .long, parsing: .singleValue, help: "A topic to follow instead of the configured ones; may be repeated.")
    var topic: [String] = []
    @Option(help: ArgumentHelp("Begin there: RFC 3339, or how long ago such as 10m, 2h, 7d.", valueName: "time"))
    var since: Moment?
    @Option(help: "Only this user's events.") var user: String?
    @Flag(help: "Print whole envelopes, one line of JSON each.") var json = false
    @Flag(name: [.customLong("until-end"), .customLong("once")], help: "End when everything has been read that is there.")
    var untilEnd = false

    func run() async throws {
        let configuration = try options.load().configuration
        let wanted = try user.map { text in
            guard let user = UserID(text) else { throw ValidationError("'\(text.onOneLine)' is no user's id") }
            return user
        }
        guard case .servers(let servers) = configuration.kafka.bootstrapServers else {
            StandardError.line(
                "argyle-relay: kafka.bootstrap_servers is embedded, a broker inside the relay's own process; the relay's log names its address: "
                    + "argyle-relay tail --set kafka.bootstrap_servers=127.0.0.1:PORT"
            )
            throw ExitCode.configuration
        }
        let kafka = configuration.kafkaSettings(bootstrapServers: servers)
        let start: KafkaConsumer.Start =
            since.map { .timestamp($0.timestamp(now: TimeSource.system.now()).milliseconds) } ?? (untilEnd ? .beginning : .end)
        let follower = try await open(kafka, configuration, from: start)
        try await follow(follower, wanted)
    }

    private func follow(_ follower: TopicFollower, _ wanted: UserID?) async throws {
        let json = json
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask {
                for await signal in Signals.stream(onSecondInterrupt: {}) where signal == .stop { follower.stop() }
            }
            group.addTask {
                do {
                    try await follower.run { record in
                        if let wanted, !TailLine.concerns(wanted, record) { return }
                        if json { try StandardOutput.line(TailLine.json(record)) } else { try StandardOutput.line(TailLine.text(record)) }
                    } onFault: { fault in
                        StandardError.line("argyle-relay: \(fault.onOneLine)")
                    }
                } catch is StandardOutput.Closed {}
                // Nothing is left to be interrupted.
                throw CancellationError()
            }
            // Only the reading ends by itself; `waitForAll` would wait for a signal even then.
            do { while try await group.next() != nil {} } catch is CancellationError { group.cancelAll() }
        }
    }

    /// Looks the topics up and begins to read. Ends the program with 75 where that may work later.
    private func open(_ kafka: KafkaSettings, _ configuration: RelayConfiguration, from start: KafkaConsumer.Start) async throws
        -> TopicFollower
    {
        let named = topic.isEmpty ? configuration.topicsKnownAhead.map(\.text) : topic
        let untilEnd = untilEnd
        do throws(TailFailure) {
            return try await blocking { () throws(TailFailure) in
                let topics = try Self.existing(named, kafka, isOptional: topic.isEmpty)
                do throws(KafkaError) {
                    let consumer = try KafkaConsumer(settings: kafka, topics: topics, from: start, timeout: .seconds(15)) { event in
                        guard case .error(let code, let detail) = event else { return }
                        StandardError.line("argyle-relay: kafka: \(detail.onOneLine) (\(code))")
                    }
                    return TopicFollower(consumer, untilEnd: untilEnd)
                } catch {
                    throw TailFailure(error, kafka)
                }
            }
        } catch {
            StandardError.line("argyle-relay: \(error.text.onOneLine)")
            throw ExitCode.tryAgain
        }
    }

    /// Those of `names` that are there. Of the configured topics some may be missing as yet, of named ones none.
    private static func existing(_ names: [String], _ kafka: KafkaSettings, isOptional: Bool) throws(TailFailure) -> [String] {
        let descriptions: [TopicDescription]
        do throws(KafkaError) {
            let admin = try TopicAdmin(settings: kafka)
            defer { admin.close() }
            descriptions = try admin.describe(names, timeout: .seconds(15))
        } catch {
            throw TailFailure(error, kafka)
        }
        let missing = descriptions.filter { $0.error?.code.hasPrefix("unknown_topic") == true }.map(\.name)
        for description in descriptions where !missing.contains(description.name) {
            if let error = description.error { throw TailFailure(text: "topic \(description.name): \(error.detail) (\(error.code))") }
        }
        let there = descriptions.map(\.name).filter { !missing.contains($0) }
        if there.isEmpty || (!isOptional && !missing.isEmpty) {
            throw TailFailure(
                text:
                    "no topic \(missing.joined(separator: ", ")) in Kafka, or no right to see it; make it, or set kafka.create_topics so that "
                    + "the relay does"
            )
        }
        for name in missing { StandardError.line("argyle-relay: no topic \(name) in Kafka as yet; following the others") }
        return there
    }
}

/// Why nothing can be followed, in one sentence.
private struct TailFailure: Error {
    let text: String

    init(text: String) { self.text = text }

    init(_ error: KafkaError, _ kafka: KafkaSettings) {
        let hint = KafkaLibrary.scramHint(code: error.code, properties: kafka.properties).map { "; \($0)" } ?? ""
        text = "Kafka cannot be read: \(error.detail) (\(error.code))\(hint)"
    }
}
