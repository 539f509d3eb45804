/// The table of settings, in the order in which `relay.yaml.example` explains them.
extension ConfigurationKey {
    package static let all: [ConfigurationKey] = ingress + sending + operating

    private static let ingress: [ConfigurationKey] = [
        .init("http.host", \.http.host, .host, .restart, "Address on which deliveries arrive."),
        .init("http.port", \.http.port, .port, .restart, "Port on which deliveries arrive."),
        .init("http.path", \.http.path, .urlPath, .restart, "The one route that takes deliveries."),
        .init("http.max_body", \.http.maxBody, .size(1 << 10...64 << 20), .reload, "Largest body; a larger one is answered 413."),
        .init(
            "http.request_timeout",
            \.http.requestTimeout,
            .duration(.milliseconds(100) ... .seconds(600)),
            .reload,
            "Time in which a request must have arrived; a slower one is answered 408."
        ),
        .init(
            "http.answer_timeout",
            \.http.answerTimeout,
            .duration(.milliseconds(500) ... .seconds(600)),
            .reload,
            "What is not on disk by then is answered 503."
        ),
        .init(
            "http.idle_timeout",
            \.http.idleTimeout,
            .duration(.seconds(1) ... .seconds(3600)),
            .reload,
            "How long a kept connection may be silent before it is closed."
        ),
        .init(
            "http.max_connections",
            \.http.maxConnections,
            .integer(1...100_000),
            .restart,
            "Open connections; further ones wait in the backlog."
        ),
        .init(
            "http.tls.certificate_file",
            \.http.tlsFiles.certificate,
            .optional(.filePath),
            .reload,
            "Certificate chain (PEM); with it the listener speaks TLS."
        ),
        .init("http.tls.private_key_file", \.http.tlsFiles.privateKey, .optional(.filePath), .reload, "The certificate's key (PEM)."),
        .init(
            "http.tls.client_ca_file",
            \.http.tlsFiles.clientCA,
            .optional(.filePath),
            .reload,
            "Authorities (PEM) one of which must have signed the client's certificate: mutual TLS."
        ),
        .init(
            "signature.secrets",
            \.signature.secrets,
            .secrets,
            .reload,
            "Webhook secrets; a delivery signed with any of them is genuine."
        ),
        .init("signature.required", \.signature.required, .boolean, .reload, "false admits unsigned deliveries."),
        .init("access.allow", \.access.allow, .accessRules, .reload, "Who may deliver; empty admits every address."),
        .init(
            "access.trusted_proxies",
            \.access.trustedProxies,
            .networks,
            .reload,
            "Proxies whose X-Forwarded-For is believed; empty believes none."
        ),
        .init(
            "events.accept",
            \.events.accept,
            .list(of: .glob, "a list of at least one glob such as \"*.fully_synced\"", atLeast: 1),
            .reload,
            "Events that are relayed; others are answered 200 and counted."
        ),
    ]

    private static let sending: [ConfigurationKey] = [
        .init("envelope.mode", \.envelope.mode, .word, .restart, "Envelope in the record's value, or in its headers."),
        .init("envelope.source", \.envelope.source, .uriReference, .restart, "The envelopes' CloudEvents source."),
        .init("envelope.include_raw", \.envelope.includeRaw, .boolean, .restart, "Adds the delivered JSON as data.raw."),
        .init(
            "dedup.retention",
            \.dedup.retention,
            .durationOrForever(.seconds(1) ... .days(36_500)),
            .reload,
            "How long a fact is remembered, so that its repeats are known."
        ),
        .init(
            "dedup.window",
            \.dedup.window,
            .duration(.seconds(1) ... .days(365)),
            .reload,
            "How long the same bytes of an event without an identity of its own are a retry; later they are news."
        ),
        .init(
            "dedup.resent",
            \.dedup.resent,
            .word,
            .reload,
            "What becomes of a known account set that comes again later than dedup.window with something new."
        ),
        .init("outbox.path", \.outbox.path, .filePath, .restart, "The outbox's file; its folder is made when missing."),
        .init(
            "outbox.retention",
            \.outbox.retention,
            .duration(.zero ... .days(36_500)),
            .reload,
            "How long published entries stay replayable."
        ),
        .init(
            "outbox.max_pending",
            \.outbox.maxPending,
            .integer(1...1_000_000_000),
            .reload,
            "Entries that may wait for Kafka; above it deliveries are answered 503."
        ),
        .init(
            "outbox.min_free_disk",
            \.outbox.minFreeDisk,
            .size(0...1 << 50),
            .reload,
            "Free space on the outbox's disk; below it deliveries are answered 503."
        ),
        .init(
            "outbox.retry.initial_delay",
            \.outbox.retry.initialDelay,
            .duration(.milliseconds(1) ... .days(1)),
            .reload,
            "First pause after a failure to publish."
        ),
        .init(
            "outbox.retry.max_delay",
            \.outbox.retry.maxDelay,
            .duration(.milliseconds(1) ... .days(1)),
            .reload,
            "Longest pause; pauses double, with full jitter."
        ),
        .init(
            "kafka.bootstrap_servers",
            \.kafka.bootstrapServers,
            .bootstrapServers,
            .restart,
            "Kafka's brokers, or a broker inside this process for trying out."
        ),
        .init("kafka.topic", \.kafka.topic, .topicTemplate, .restart, "Topic of an event; {event} is its name with - for _."),
        .init("kafka.dead_letter_topic", \.kafka.deadLetterTopic, .topicName, .restart, "Topic of what cannot be read as an event."),
        .init("kafka.create_topics", \.kafka.createTopics, .boolean, .restart, "Makes missing topics at start."),
        .init("kafka.partitions", \.kafka.partitions, .integer(1...100_000), .restart, "Partitions of a topic made at start."),
        .init(
            "kafka.replication_factor",
            \.kafka.replicationFactor,
            .replicationFactor,
            .restart,
            "Replicas of a topic made at start; -1 is the broker's default."
        ),
        .init(
            "kafka.max_timestamp_age",
            \.kafka.maxTimestampAge,
            .duration(.zero ... .days(365)),
            .restart,
            "Older entries carry the time of publishing as record timestamp, so that the topic's retention does not delete them at once."
        ),
        .init("kafka.properties", \.kafka.properties, .properties, .restart, "Properties handed to librdkafka."),
    ]

    private static let operating: [ConfigurationKey] = [
        .init("admin.host", \.admin.host, .host, .restart, "Address of health, metrics and the admin API."),
        .init("admin.port", \.admin.port, .port, .restart, "Port of health, metrics and the admin API."),
        .init(
            "admin.token",
            \.admin.token,
            .optional(.bearerToken),
            .reload,
            "Bearer token of the admin API; required when its address is not loopback."
        ),
        .init("argyle.api_url", \.argyle.apiURL, .httpURL, .restart, "Base of Argyle's API."),
        .init(
            "argyle.api_key_id",
            \.argyle.apiKeyID,
            .optional(.credential(colon: false)),
            .restart,
            "Argyle API key, for subscription and reconcile, and to notice losses."
        ),
        .init("argyle.api_key_secret", \.argyle.apiKeySecret, .optional(.credential(colon: true)), .restart, "That key's secret."),
        .init("log.level", \.log.level, .word, .reload, "Least severity that is logged."),
        .init("log.format", \.log.format, .word, .restart, "Lines for people, or for machines."),
    ]

    /// The name of the setting that lives at a path, for the rules that speak of several settings.
    static func name(_ path: PartialKeyPath<RelayConfiguration>) -> String {
        key(path)?.name ?? "configuration"
    }

    static func key(_ path: PartialKeyPath<RelayConfiguration>) -> ConfigurationKey? {
        all.first { $0.path == path }
    }

    /// Every name a source may use, with the setting it belongs to.
    static let byName: [String: ConfigurationKey] = Dictionary(
        all.flatMap { key in [(key.name, key)] + (key.fileName.map { [($0, key)] } ?? []) },
        uniquingKeysWith: { first, _ in first }
    )

    /// Every part of a name that is a section in `relay.yaml`: `http`, `http.tls`, ….
    static let sections: Set<String> = Set(
        all.flatMap { key in
            let parts = key.name.split(separator: ".")
            return (1..<parts.count).map { parts[..<$0].joined(separator: ".") }
        }
    )
}
