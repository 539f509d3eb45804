import NIOCore
import Synchronization

/// One request on its way to its response, from any thread to a connection's loop and back.
/// It ends exactly once, with whichever comes first: the response, a fault, its deadline or its caller's cancellation.
final class Exchange: Sendable {
    private enum State {
        case fresh
        case waiting(CheckedContinuation<Result<HTTPClientResponse, HTTPClientError>, Never>)
        case ended(Result<HTTPClientResponse, HTTPClientError>)
        case told
    }

    let origin: HTTPURL.Origin
    let request: ByteBuffer
    let isHeadRequest: Bool
    /// Whether the request may be sent again when a kept connection turns out to be dead (RFC 9110 9.2.2).
    let isRepeatable: Bool
    let timeout: Duration
    let deadline: NIODeadline
    private let state = Mutex(State.fresh)
    private let waitTimer = Mutex<Scheduled<Void>?>(nil)

    init(
        origin: HTTPURL.Origin,
        request: ByteBuffer,
        isHeadRequest: Bool,
        isRepeatable: Bool,
        timeout: Duration,
        deadline: NIODeadline
    ) {
        self.origin = origin
        self.request = request
        self.isHeadRequest = isHeadRequest
        self.isRepeatable = isRepeatable
        self.timeout = timeout
        self.deadline = deadline
    }

    var hasEnded: Bool {
        state.withLock { state in
            switch state {
            case .fresh, .waiting: false
            case .ended, .told: true
            }
        }
    }

    /// Keeps the timer of a wait for a connection, so that it is not left behind in its loop.
    func beginWaiting(_ timer: Scheduled<Void>) {
        waitTimer.withLock { $0 = timer }
    }

    func endWaiting() {
        waitTimer.withLock { timer in
            defer { timer = nil }
            return timer
        }?.cancel()
    }

    /// Waits for the end; to be called once.
    func outcome() async -> Result<HTTPClientResponse, HTTPClientError> {
        await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let early = state.withLock { state -> Result<HTTPClientResponse, HTTPClientError>? in
                    guard case .ended(let result) = state else {
                        state = .waiting(continuation)
                        return nil
                    }
                    state = .told
                    return result
                }
                if let early { continuation.resume(returning: early) }
            }
        } onCancel: {
            end(.failure(.cancelled))
        }
    }

    /// Ends the exchange, unless it has ended before.
    func end(_ result: Result<HTTPClientResponse, HTTPClientError>) {
        let continuation = state.withLock { state -> CheckedContinuation<Result<HTTPClientResponse, HTTPClientError>, Never>? in
            switch state {
            case .fresh:
                state = .ended(result)
                return nil
            case .waiting(let continuation):
                state = .told
                return continuation
            case .ended, .told:
                return nil
            }
        }
        endWaiting()
        continuation?.resume(returning: result)
    }
}
