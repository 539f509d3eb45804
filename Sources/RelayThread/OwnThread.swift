import CThread
package import Glibc

/// Threads of the relay's own: for what blocks, and must not hold one of the few that Swift's tasks share.
package enum OwnThread {
    package struct NotStarted: Error {
        /// As pthread_create(3) gives it.
        package let code: Int32
        package var reason: String { String(cString: strerror(code)) }
    }

    /// Starts a thread that runs `body`, which is kept until it returns. The caller joins it or detaches it.
    /// - Parameter name: at most 15 bytes, for whoever looks at the process's threads (`top -H`, a debugger).
    package static func start(_ name: String, _ body: @escaping @Sendable () -> Void) throws(NotStarted) -> pthread_t {
        let work = Unmanaged.passRetained(
            Work {
                relay_thread_name(name)
                body()
            }
        )
        var thread = pthread_t()
        let failure = pthread_create(
            &thread,
            nil,
            { argument in
                guard let argument else { return nil }
                Unmanaged<Work>.fromOpaque(argument).takeRetainedValue().body()
                return nil
            },
            work.toOpaque()
        )
        guard failure == 0 else {
            work.release()
            throw NotStarted(code: failure)
        }
        return thread
    }

    private final class Work: Sendable {
        let body: @Sendable () -> Void
        init(_ body: @escaping @Sendable () -> Void) { self.body = body }
    }
}
