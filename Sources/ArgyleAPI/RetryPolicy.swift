/// How often a request is tried and how long the pauses are: exponential with full jitter, or what the server asks for.
/// Never pauses longer than ``longestPause``, whatever a server asks.
package struct RetryPolicy: Sendable {
    /// Tries, the first included.
    package var attempts: Int
    package var initialDelay: Duration
    package var maximumDelay: Duration
    /// A `Retry-After` beyond it ends the tries.
    package var longestPause: Duration

    package init(
        attempts: Int = 6,
        initialDelay: Duration = .milliseconds(500),
        maximumDelay: Duration = .seconds(20),
        longestPause: Duration = .seconds(120)
    ) {
        self.attempts = attempts
        self.initialDelay = initialDelay
        self.maximumDelay = maximumDelay
        self.longestPause = longestPause
    }

    enum Decision: Equatable {
        case wait(Duration)
        case giveUp
        /// The server wants more patience than we have; in seconds.
        case tooLong(Int)
    }

    /// What to do after the failure number `failures`, from 1.
    /// - Parameters:
    ///   - retryAfter: what the server asked for (RFC 9110, section 10.2.3).
    ///   - random: 0 to 1.
    func decide(failures: Int, retryAfter: Duration?, random: Double) -> Decision {
        if let retryAfter, retryAfter > longestPause { return .tooLong(Int(retryAfter.components.seconds)) }
        guard failures < attempts else { return .giveUp }
        if let retryAfter { return .wait(retryAfter) }
        var bound = initialDelay
        for _ in 1..<max(failures, 1) where bound < maximumDelay { bound *= 2 }
        return .wait(min(bound, maximumDelay) * min(max(random, 0), 1))
    }
}
