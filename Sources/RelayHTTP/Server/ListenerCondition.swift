import Synchronization

/// Whether a listener listens, for whoever asks from another thread, and the news that it never will again.
final class ListenerCondition: Sendable {
    private struct State {
        var fault: String?
        var loss: HTTPServerError?
    }

    private let state = Mutex(State())
    private let end: AsyncStream<Never>
    private let continuation: AsyncStream<Never>.Continuation

    init() { (end, continuation) = AsyncStream.makeStream() }

    /// Why nothing can be accepted now; nil while it can.
    var fault: String? {
        get { state.withLock { $0.fault } }
        set { state.withLock { $0.fault = newValue } }
    }

    func lost(_ error: HTTPServerError) {
        state.withLock { $0.loss = error }
        continuation.finish()
    }

    func closed() { continuation.finish() }

    /// Returns once the listener was closed on purpose; throws once it is lost.
    func whenEnded() async throws(HTTPServerError) {
        for await _ in end {}
        if let loss = state.withLock({ $0.loss }) { throw loss }
    }
}
