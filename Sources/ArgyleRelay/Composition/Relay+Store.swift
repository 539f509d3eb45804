import Glibc
import Logging
import RelayCore
import RelayOutbox

/// Watching over the store from beside it.
extension Relay {
    /// A stop waits so long for a store that does not answer.
    private static let storeStopLimit = Duration.seconds(8)

    /// Writes news of the store into the log until it is closed.
    func tellOfTheStore() async {
        for await notice in outbox.notices { logger.log(level: notice.level, "\(notice)") }
    }

    /// Ends the process when the store holds up the stop: whoever waits for a commit that hangs waits for ever.
    func endWhereTheStoreHangs() async {
        let clock = ContinuousClock()
        let begun = time.uptime()
        while (try? await clock.sleep(for: .milliseconds(250))) != nil {
            guard let age = outbox.turnAge, age >= Self.storeStopLimit, time.uptime() - begun >= Self.storeStopLimit else { continue }
            logger.critical(
                """
                the store does not answer: ending without closing it. What was answered 200 is on disk; the next start recovers it, and \
                publishes again what could not be recorded as published
                """
            )
            RelayLogging.flush()
            _exit(EXIT_FAILURE)
        }
    }
}

extension OutboxNotice {
    /// How bad it is.
    fileprivate var level: Logger.Level {
        switch self {
        case .displaced: .critical
        case .slow: .error
        case .clock, .ageingUnsaved: .warning
        case .inPlaceAgain, .wellAgain: .notice
        }
    }
}
