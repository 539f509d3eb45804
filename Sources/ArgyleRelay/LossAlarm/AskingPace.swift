/// When Argyle's API is to be asked next, as a value: once a minute, and after failures ever more rarely, down to once in a quarter of an hour.
/// Never sooner than the API asks for, and spread by jitter, so that relays that were started together do not ask together.
struct AskingPace: Equatable {
    static let usual = Duration.seconds(60)
    static let slowest = Duration.seconds(900)
    /// Whatever a server asks for.
    static let longest = Duration.seconds(3600)

    private(set) var failures = 0

    /// Some seconds, so that a relay that is restarted again and again does not ask each time.
    /// - Parameter random: 0 to 1.
    static func pauseBeforeFirst(random: Double) -> Duration { share(0.02 + 0.08 * random, of: usual) }

    /// - Parameter random: 0 to 1.
    mutating func pauseAfterSuccess(random: Double) -> Duration {
        failures = 0
        return Self.spread(Self.usual, random)
    }

    /// - Parameters:
    ///   - retryAfter: what the server asked for (RFC 9110, section 10.2.3).
    ///   - isFinal: whether asking again will not help before somebody has acted, as with a key that is refused.
    mutating func pauseAfterFailure(retryAfter: Duration?, isFinal: Bool, random: Double) -> Duration {
        failures += 1
        var pause = Self.usual
        for _ in 0..<min(failures, 8) where pause < Self.slowest { pause *= 2 }
        pause = isFinal ? Self.slowest : min(pause, Self.slowest)
        return min(max(Self.spread(pause, random), retryAfter ?? .zero), Self.longest)
    }

    /// A tenth to either side.
    private static func spread(_ pause: Duration, _ random: Double) -> Duration { share(0.9 + 0.2 * min(max(random, 0), 1), of: pause) }

    /// In whole milliseconds.
    private static func share(_ share: Double, of pause: Duration) -> Duration {
        .milliseconds(Int64((pause / .milliseconds(1) * share).rounded()))
    }
}
