import RelayCore

/// Whether Argyle has sent what never arrived, as a value: what its API says it sent last, held against the last genuine delivery.
///
/// It refuses to cry wolf: clocks may differ by ``tolerance``, and what is missing must stay missing for ``patience``, for a delivery may be on its way,
/// or be tried again after half a minute. A delivery that was lost and followed by one that arrived before anybody asked is not seen here;
/// reconciling finds it.
struct LossWatch: Equatable {
    /// What clocks, Argyle's way of telling and a slow request may make of one moment.
    static let tolerance = Duration.seconds(60)
    /// Argyle is said to try again after 30 s, and waits 10 s for an answer.
    static let patience = Duration.seconds(50)

    enum News: Equatable {
        /// Told once an episode.
        case began
        case ended
    }

    private(set) var isMissing = false
    /// Uptime since which something has been missing without a break.
    private var missingSince: Duration?

    /// What the newest answer means.
    /// - Parameters:
    ///   - sent: by the latest of the subscriptions; nil where none has sent yet.
    ///   - arrived: the last genuine delivery or, where this run has had none, when the outbox was written last before it.
    mutating func look(sent: Timestamp?, arrived: Timestamp, uptime: Duration) -> News? {
        guard Self.lag(sent: sent, arrived: arrived) > Self.tolerance else {
            missingSince = nil
            defer { isMissing = false }
            return isMissing ? .ended : nil
        }
        let since = missingSince ?? uptime
        missingSince = since
        guard !isMissing, uptime - since >= Self.patience else { return nil }
        isMissing = true
        return .began
    }

    /// By how much Argyle's last delivery is later than the last that arrived.
    static func lag(sent: Timestamp?, arrived: Timestamp) -> Duration { sent?.elapsed(since: arrived) ?? .zero }
}
