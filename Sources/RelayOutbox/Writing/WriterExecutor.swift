import Dispatch

/// Runs the writer on a queue of its own: an fsync may take as long as it likes without holding up anyone else's thread.
final class WriterExecutor: SerialExecutor {
    private let queue = DispatchQueue(label: "argyle-relay.outbox", qos: .userInitiated)

    func enqueue(_ job: consuming ExecutorJob) {
        let job = UnownedJob(job)
        queue.async { job.runSynchronously(on: self.asUnownedSerialExecutor()) }
    }
}
