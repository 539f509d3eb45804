import Synchronization

/// A clock on which a pause is over when the test says so; it tells which pause is made.
final class SteppedClock: Clock {
    typealias Instant = ContinuousClock.Instant

    private struct State {
        var sleeper: CheckedContinuation<Void, any Error>?
        var isCancelled = false
    }

    private let start = ContinuousClock.now
    private let state = Mutex(State())
    private let pauses: AsyncStream<Duration>
    private let began: AsyncStream<Duration>.Continuation

    init() { (pauses, began) = AsyncStream.makeStream() }

    var now: Instant { start }
    var minimumResolution: Duration { .zero }

    func sleep(until deadline: Instant, tolerance: Duration?) async throws {
        try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { (continuation: CheckedContinuation<Void, any Error>) in
                let isCancelled = state.withLock { state in
                    if !state.isCancelled { state.sleeper = continuation }
                    return state.isCancelled
                }
                if isCancelled { return continuation.resume(throwing: CancellationError()) }
                began.yield(deadline - start)
            }
        } onCancel: {
            let sleeper = state.withLock { state in
                state.isCancelled = true
                defer { state.sleeper = nil }
                return state.sleeper
            }
            sleeper?.resume(throwing: CancellationError())
        }
    }

    /// The next pause, once it is being made.
    func nextPause() async -> Duration? { await pauses.first { _ in true } }

    /// Ends the pause that is being made.
    func step() {
        let sleeper = state.withLock { state in
            defer { state.sleeper = nil }
            return state.sleeper
        }
        sleeper?.resume()
    }
}
