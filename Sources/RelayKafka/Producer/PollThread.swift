import CRdKafka
import Glibc
import Synchronization

/// A thread that runs one closure and can be waited for; `kafka-poll` by name. A thread of its own, because polling blocks and Swift's pool must not.
final class PollThread: Sendable {
    private let thread = Mutex<pthread_t?>(nil)

    /// Starts the thread; the closure is kept until it returns.
    func start(_ body: @escaping @Sendable () -> Void) throws(KafkaError) {
        let work = Unmanaged.passRetained(
            Work {
                relay_rd_kafka_name_thread("kafka-poll")
                body()
            }
        )
        var started = pthread_t()
        let result = pthread_create(
            &started,
            nil,
            { argument in
                guard let argument else { return nil }
                Unmanaged<Work>.fromOpaque(argument).takeRetainedValue().body()
                return nil
            },
            work.toOpaque()
        )
        guard result == 0 else {
            work.release()
            throw KafkaError(code: "crit_sys_resource", detail: "no thread for polling: error \(result)")
        }
        thread.withLock { $0 = started }
    }

    var isCurrent: Bool {
        thread.withLock { $0.map { pthread_equal($0, pthread_self()) != 0 } ?? false }
    }

    /// Waits until the closure has returned and the thread is gone. Must not be called on the thread itself.
    func join() {
        let started = thread.withLock { thread in
            defer { thread = nil }
            return thread
        }
        if let started { pthread_join(started, nil) }
    }

    private final class Work: Sendable {
        let body: @Sendable () -> Void
        init(_ body: @escaping @Sendable () -> Void) { self.body = body }
    }
}
