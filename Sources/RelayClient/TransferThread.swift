import CCurl
import Glibc
import RelayThread
import Synchronization

/// The one thread on which libcurl runs, and the inbox through which others reach it. A thread of its own, because libcurl's handles belong to
/// one thread and waiting for them would hold one of Swift's few.
final class TransferThread: @unchecked Sendable {
    // Unchecked: `multi` is the thread's alone but for curl_multi_wakeup, which any thread may call; it is called under the inbox's lock while
    // the inbox is open, and the thread frees `multi` only after it has seen it closed.
    private let multi: UnsafeMutableRawPointer

    private enum Order {
        case start(Exchange)
        case abandon(Exchange)
    }

    private struct Inbox {
        var orders: [Order] = []
        var isClosed = false
        var isWoken = false
        var hasEnded = false
        var waiting: [CheckedContinuation<Void, Never>] = []
    }

    private let inbox = Mutex(Inbox())

    /// Starts the thread, which ends after ``close()``.
    init(configuration: HTTPClient.Configuration) throws(HTTPClientError) {
        guard Self.isLibraryStarted, let multi = curl_multi_init() else { throw .noResources(reason: "libcurl does not start") }
        self.multi = multi
        let most = max(1, configuration.maxConnections)
        for option in [CURLMOPT_MAX_TOTAL_CONNECTIONS, CURLMOPT_MAX_HOST_CONNECTIONS, CURLMOPT_MAXCONNECTS] {
            relay_curl_multi_set_long(multi, option, most)
        }
        do throws(OwnThread.NotStarted) {
            pthread_detach(try OwnThread.start("http-client") { [self] in run(configuration) })
        } catch {
            curl_multi_cleanup(multi)
            throw .noResources(reason: "no thread for it: \(error.reason)")
        }
    }

    /// Once in the life of the process, whoever comes first.
    private static let isLibraryStarted = relay_curl_start_library() == CURLE_OK

    /// Hands an exchange over; ends it at once where the thread takes no more.
    func submit(_ exchange: Exchange) {
        if !order(.start(exchange)) { exchange.end(.failure(.shutDown)) }
    }

    /// Its caller waits no longer.
    func abandon(_ exchange: Exchange) { _ = order(.abandon(exchange)) }

    private func order(_ order: Order) -> Bool {
        inbox.withLock { inbox in
            guard !inbox.isClosed else { return false }
            inbox.orders.append(order)
            wake(&inbox)
            return true
        }
    }

    /// Lets the thread end: what is under way fails. Does not wait.
    func close() {
        inbox.withLock { inbox in
            guard !inbox.isClosed else { return }
            inbox.isClosed = true
            wake(&inbox)
        }
    }

    /// Waits until the thread is done with libcurl.
    func ended() async {
        await withCheckedContinuation { continuation in
            let hasEnded = inbox.withLock { inbox in
                if !inbox.hasEnded { inbox.waiting.append(continuation) }
                return inbox.hasEnded
            }
            if hasEnded { continuation.resume() }
        }
    }

    /// A byte into a pipe that never blocks; one is enough until the thread looks into the inbox.
    private func wake(_ inbox: inout Inbox) {
        guard !inbox.isWoken else { return }
        inbox.isWoken = true
        curl_multi_wakeup(multi)
    }

    private func run(_ configuration: HTTPClient.Configuration) {
        // Signals are for the threads that wait for them, and a peer's reset must not end the process (SIGPIPE).
        var signals = sigset_t()
        sigfillset(&signals)
        pthread_sigmask(SIG_BLOCK, &signals, nil)
        var loop = TransferLoop(multi: multi, configuration: configuration)
        while let orders = takeOrders() {
            for order in orders {
                switch order {
                case .start(let exchange): loop.start(exchange)
                case .abandon(let exchange): loop.abandon(exchange)
                }
            }
            guard loop.turn(), curl_multi_poll(multi, nil, 0, loop.patience, nil) == CURLM_OK else {
                // Out of memory or of file descriptors: nothing can be driven without them.
                close()
                break
            }
        }
        loop.end()
        // Before anybody hears of the end: this shuts down TLS connections, and a process that exits meanwhile takes OpenSSL away from under them.
        curl_multi_cleanup(multi)
        let (orders, waiting) = inbox.withLock { inbox in
            inbox.hasEnded = true
            defer { (inbox.orders, inbox.waiting) = ([], []) }
            return (inbox.orders, inbox.waiting)
        }
        for case .start(let exchange) in orders { exchange.end(.failure(.shutDown)) }
        for continuation in waiting { continuation.resume() }
    }

    /// `nil` once the inbox is closed.
    private func takeOrders() -> [Order]? {
        inbox.withLock { inbox in
            guard !inbox.isClosed else { return nil }
            inbox.isWoken = false
            defer { inbox.orders = [] }
            return inbox.orders
        }
    }

    private final class Work: Sendable {
        let body: @Sendable () -> Void
        init(_ body: @escaping @Sendable () -> Void) { self.body = body }
    }
}
