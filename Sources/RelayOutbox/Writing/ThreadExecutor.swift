import CSQLite
import Dispatch
import Glibc
import RelayThread
import Synchronization

/// Runs an actor on a thread of its own, in the order of what is asked of it: an fsync may take as long as it likes without holding up anyone
/// else's thread, and whoever looks at the process's threads by name sees what this one is at.
final class ThreadExecutor: SerialExecutor {
    private let jobs = Jobs()

    /// - Parameter name: at most 15 bytes, for `top -H` and debuggers.
    init(named name: String) throws(SQLiteError) {
        let jobs = jobs
        do throws(OwnThread.NotStarted) {
            let thread = try OwnThread.start(name) {
                while let (job, executor) = jobs.next() { job.runSynchronously(on: executor.asUnownedSerialExecutor()) }
            }
            pthread_detach(thread)
        } catch {
            throw SQLiteError(extendedCode: SQLITE_NOMEM, message: "no thread for the outbox: \(error.reason)")
        }
    }

    /// Each job that waits or runs holds the executor: none is left, and the thread ends.
    deinit { jobs.close() }

    func enqueue(_ job: consuming ExecutorJob) { jobs.add(UnownedJob(job), self) }

    /// What waits for the thread, which sleeps while nothing does.
    private final class Jobs: Sendable {
        private struct State {
            var waiting: [(job: UnownedJob, executor: ThreadExecutor)] = []
            var isClosed = false
        }

        private let state = Mutex(State())
        private let changes = DispatchSemaphore(value: 0)

        func add(_ job: UnownedJob, _ executor: ThreadExecutor) {
            state.withLock { $0.waiting.append((job, executor)) }
            changes.signal()
        }

        func close() {
            state.withLock { $0.isClosed = true }
            changes.signal()
        }

        /// The oldest, once there is one; nil at the end.
        func next() -> (UnownedJob, ThreadExecutor)? {
            changes.wait()
            return state.withLock { $0.waiting.isEmpty ? nil : $0.waiting.removeFirst() }
        }
    }
}
