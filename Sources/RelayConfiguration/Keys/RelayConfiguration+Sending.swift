package import RelayCore

/// The second half of the settings: what is stored and how it reaches Kafka.
extension RelayConfiguration {
    package struct Envelope: Sendable, Equatable {
        /// How an envelope becomes a Kafka record (CloudEvents Kafka protocol binding 1.0, 3).
        package enum Mode: String, Sendable, Equatable, CaseIterable {
            case structured, binary
        }

        package var mode = Mode.structured
        package var source = "https://api.argyle.com/v2"
        package var includeRaw = false

        package init() {}
    }

    package struct Dedup: Sendable, Equatable {
        /// `nil` remembers for ever.
        package var retention: Duration? = .days(365)
        package var window: Duration = .seconds(600)
        package var resent = ResentPolicy.suppress

        package init() {}
    }

    package struct Outbox: Sendable, Equatable {
        package var path = "data/outbox.sqlite"
        package var retention = Duration.days(7)
        package var maxPending = 1_000_000
        /// Bytes.
        package var minFreeDisk = 256 << 20
        package var retry = Retry()

        package init() {}
    }

    /// Bounds of the exponential back-off.
    package struct Retry: Sendable, Equatable {
        package var initialDelay = Duration.milliseconds(200)
        package var maxDelay = Duration.seconds(60)

        package init() {}
    }

    package struct Kafka: Sendable, Equatable {
        package var bootstrapServers = BootstrapServers.embedded
        package var topic = TopicTemplate.standard
        package var deadLetterTopic = TopicName.deadLetters
        package var createTopics = false
        package var partitions = 6
        /// -1 leaves it to the broker.
        package var replicationFactor = -1
        /// Older entries carry the time of publishing as their record's timestamp.
        package var maxTimestampAge = Duration.seconds(3600)
        package var properties: [KafkaProperty] = []

        package init() {}
    }

    /// Where Kafka is.
    package enum BootstrapServers: Sendable, Equatable {
        /// librdkafka's broker inside this process, for trying out only.
        case embedded
        case servers([String])

        /// The word in the configuration.
        package static let embeddedWord = "embedded"
    }

    /// The listener for health, metrics and the admin API.
    package struct Admin: Sendable, Equatable {
        package var host = "127.0.0.1"
        /// 0 takes any free port.
        package var port = 9090
        package var token: Secret?

        package init() {}

        /// Whether it can be reached from this machine only.
        package var isLoopback: Bool { Host.isLoopback(host) }
    }

    /// Argyle's REST API, which only `subscription` and `reconcile` call.
    package struct Argyle: Sendable, Equatable {
        /// Without a slash at its end.
        package var apiURL = "https://api.argyle.com"
        package var apiKeyID: Secret?
        package var apiKeySecret: Secret?

        package init() {}
    }

    package struct Log: Sendable, Equatable {
        /// The levels of swift-log, under the same names.
        package enum Level: String, Sendable, Equatable, CaseIterable {
            case trace, debug, info, notice, warning, error, critical
        }

        package enum Format: String, Sendable, Equatable, CaseIterable {
            case text, json
        }

        package var level = Level.info
        package var format = Format.text

        package init() {}
    }
}

extension Duration {
    static func days(_ count: Int64) -> Duration { .seconds(count * 86_400) }
}
