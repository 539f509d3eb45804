import RelayCore

/// What is said of timestamps that a broker refuses: whose clock or which limit it is, at once and then once a minute while it lasts.
struct RefusedTimestamps {
    /// The code of Kafka's refusal.
    static let code = "invalid_timestamp"
    static let interval = Duration.seconds(60)
    /// A record as young as this is from now: no topic's limit on the past refuses it.
    private static let present = Duration.seconds(60)

    private var told: Duration?

    mutating func isToBeTold(at uptime: Duration) -> Bool {
        if let told, uptime - told < Self.interval { return false }
        told = uptime
        return true
    }

    /// Kafka does not say which of its two limits it was.
    static func explanation(of timestamp: Timestamp, at now: Timestamp) -> String {
        let ahead = "this machine's clock is ahead of the broker's by more than message.timestamp.after.max.ms allows (an hour by default)"
        let age = now.elapsed(since: timestamp)
        guard age > Self.present else { return "\(ahead): set it right" }
        return """
            either \(ahead), or the topic's message.timestamp.before.max.ms is less than the \(age.components.seconds) s that the delivery is old: \
            set kafka.max_timestamp_age to no more than it
            """
    }
}
