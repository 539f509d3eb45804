import Glibc
import Synchronization

/// One request on its way to its response, from any thread to curl's and back.
/// It ends exactly once, with whichever comes first: the response, a fault, its deadline or its caller's cancellation.
final class Exchange: Sendable {
    private enum State {
        case fresh
        case waiting(CheckedContinuation<Result<HTTPClientResponse, HTTPClientError>, Never>)
        case ended(Result<HTTPClientResponse, HTTPClientError>)
        case told
    }

    let request: HTTPClientRequest
    let proxy: ProxySettings.Proxy?
    let timeout: Duration
    /// On ``uptime``.
    let deadline: Duration
    private let state = Mutex(State.fresh)

    init(request: HTTPClientRequest, proxy: ProxySettings.Proxy?, timeout: Duration) {
        self.request = request
        self.proxy = proxy
        self.timeout = timeout
        deadline = Self.uptime + timeout
    }

    /// The kernel's monotonic clock, by which curl's own timers go too.
    static var uptime: Duration {
        var time = timespec()
        clock_gettime(CLOCK_MONOTONIC, &time)
        return .seconds(time.tv_sec) + .nanoseconds(time.tv_nsec)
    }

    var hasEnded: Bool {
        state.withLock { state in
            switch state {
            case .fresh, .waiting: false
            case .ended, .told: true
            }
        }
    }

    /// Waits for the end; to be called once. `onCancel` is told when the task is cancelled, after the exchange has ended for it.
    func outcome(onCancel: @escaping @Sendable (Exchange) -> Void) async -> Result<HTTPClientResponse, HTTPClientError> {
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
            onCancel(self)
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
        continuation?.resume(returning: result)
    }
}
