import Glibc
import RelayThread
import Synchronization

/// A thread that runs one closure and can be waited for; `kafka-poll` by name. A thread of its own, because polling blocks and Swift's pool must not.
final class PollThread: Sendable {
    private let thread = Mutex<pthread_t?>(nil)

    /// Starts the thread; the closure is kept until it returns.
    func start(_ body: @escaping @Sendable () -> Void) throws(KafkaError) {
        let started: pthread_t
        do throws(OwnThread.NotStarted) { started = try OwnThread.start("kafka-poll", body) } catch {
            throw KafkaError(code: "crit_sys_resource", detail: "no thread for polling: error \(error.code)")
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
}
