import Dispatch
import Glibc

/// The signals that a daemon answers, as a stream; the first look at it takes them over from the system's default.
enum Signals {
    enum Signal: Sendable {
        /// SIGTERM or SIGINT: drain and stop.
        case stop
        /// SIGHUP.
        case reload
    }

    /// - Parameter onSecondInterrupt: called when SIGINT comes again; the person has lost patience.
    static func stream(onSecondInterrupt: @escaping @Sendable () -> Void) -> AsyncStream<Signal> {
        signal(SIGPIPE, SIG_IGN)
        // One waits at most: reloads that come while one is under way are one reload.
        return AsyncStream(bufferingPolicy: .bufferingNewest(1)) { continuation in
            let interrupts = Interrupts(onSecond: onSecondInterrupt)
            let queue = DispatchQueue(label: "argyle-relay.signals")
            // Dispatch's sources are safe to use from any thread; its Swift overlay does not say so yet.
            nonisolated(unsafe) let sources = [SIGTERM, SIGINT, SIGHUP].map { number in
                signal(number, SIG_IGN)
                let source = DispatchSource.makeSignalSource(signal: number, queue: queue)
                source.setEventHandler {
                    if number == SIGINT { interrupts.count() }
                    // A stop that waits is not given up for a reload.
                    if case .dropped(.stop) = continuation.yield(number == SIGHUP ? .reload : .stop) { continuation.yield(.stop) }
                }
                source.resume()
                return source
            }
            continuation.onTermination = { _ in for source in sources { source.cancel() } }
        }
    }

    /// Counts SIGINT; used on the signals' queue alone.
    private final class Interrupts {
        private var seen = 0
        private let onSecond: @Sendable () -> Void

        init(onSecond: @escaping @Sendable () -> Void) { self.onSecond = onSecond }

        func count() {
            seen += 1
            if seen == 2 { onSecond() }
        }
    }
}
