package import RelayCore
import Synchronization

/// Keeps requests apart, so that a long read stays below Argyle's 50 requests a second and leaves room for others with the same key.
package final class RequestPace: Sendable {
    /// Requests a second; Argyle refuses more than 50.
    package static let rates = 1...40
    package static let defaultRate = 20

    private let interval: Duration
    private let clock: any Clock<Duration>
    private let time: TimeSource
    private let next = Mutex<Duration?>(nil)

    /// - Parameter rate: requests a second.
    package init(rate: Int, clock: any Clock<Duration>, time: TimeSource) {
        interval = .seconds(1) / min(max(rate, Self.rates.lowerBound), Self.rates.upperBound)
        self.clock = clock
        self.time = time
    }

    /// Waits until a request may go. A cancelled task waits no longer: its request ends at once as well.
    package func turn() async {
        let now = time.uptime()
        let pause = next.withLock { next in
            let turn = max(now, next ?? now)
            next = turn + interval
            return turn - now
        }
        if pause > .zero { try? await clock.sleep(for: pause) }
    }
}
