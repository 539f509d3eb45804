import NIOCore

/// Runs the tasks of a connection on its event loop, so that a request crosses threads only where its route truly waits for another.
/// Its loop must outlive the tasks: jobs given to a loop that has shut down are lost.
final class EventLoopTaskExecutor: TaskExecutor {
    private let eventLoop: any EventLoop

    init(_ eventLoop: any EventLoop) {
        self.eventLoop = eventLoop
    }

    func enqueue(_ job: consuming ExecutorJob) {
        let job = UnownedJob(job)
        // Never run in place, even on the loop: the caller may be in the middle of a handler or hold a lock.
        eventLoop.execute { job.runSynchronously(on: self.asUnownedTaskExecutor()) }
    }
}
