/// What the ingress counts.
package struct DeliveryMeters: Sendable {
    /// By outcome: `accepted`, `duplicate`, `ignored`, `quarantined`, or a rejection's code.
    package let deliveries: CounterFamily
    package let duration: Histogram
    /// By the position of the secret that signed, from 1, or `none`.
    package let secretMatches: CounterFamily
    /// Of the listener for deliveries, by how they ended.
    package let connectionsClosed: CounterFamily

    package init(_ registry: MetricsRegistry, outcomes: [String], connectionEnds: [String] = []) {
        deliveries = registry.counters(
            "deliveries_total",
            label: "outcome",
            known: outcomes,
            "Deliveries by how they were answered."
        )
        duration = registry.histogram(
            "delivery_duration_seconds",
            "From the body's last byte to the answer.",
            .seconds()
        )
        secretMatches = registry.counters(
            "signature_secret_matches_total",
            label: "secret",
            "Genuine deliveries by the position of the secret that signed them."
        )
        connectionsClosed = registry.counters(
            "connections_closed_total",
            label: "reason",
            known: connectionEnds,
            "Connections for deliveries by how they ended; silent ones never sent anything of a request."
        )
    }
}

/// What the outbox counts.
package struct OutboxMeters: Sendable {
    package let commitDuration: Histogram
    package let batchSize: Histogram
    package let commitFailures: Counter
    package let pruned: Counter
    package let damaged: Counter
    package let resent: Counter

    package init(_ registry: MetricsRegistry) {
        commitDuration = registry.histogram(
            "outbox_commit_duration_seconds",
            "Time of one transaction with its sync to disk.",
            .seconds()
        )
        batchSize = registry.histogram(
            "outbox_commit_batch_size",
            "Facts and settlements in one transaction.",
            Histogram(bounds: [1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 1024, 2048, 4096])
        )
        commitFailures = registry.counter("outbox_commit_failures_total", "Transactions that failed and were rolled back.")
        pruned = registry.counter("outbox_pruned_total", "Published entries that were removed after outbox.retention.")
        damaged = registry.counter("outbox_damaged_total", "Entries that were set aside as dead because their rows cannot be read.")
        resent = registry.counter(
            "deliveries_resent_total",
            "Known account sets that came again later than dedup.window with something new, whatever dedup.resent made of them."
        )
    }
}

/// What the publisher counts.
package struct PublishMeters: Sendable {
    package let published: CounterFamily
    package let failures: CounterFamily
    package let replayed: Counter
    package let latency: Histogram

    package init(_ registry: MetricsRegistry) {
        published = registry.counters("published_total", label: "topic", "Records that Kafka acknowledged.")
        failures = registry.counters("publish_failures_total", label: "code", "Tries to publish that failed, by reason.")
        replayed = registry.counter("replayed_total", "Records of replays that Kafka acknowledged.")
        latency = registry.histogram(
            "publish_latency_seconds",
            "From the receipt of a delivery to Kafka's acknowledgement.",
            .seconds()
        )
    }
}

extension OutboxMeters {
    package func committed(entries: Int, in duration: Duration) {
        commitDuration.record(duration)
        batchSize.record(Double(entries))
    }
}
