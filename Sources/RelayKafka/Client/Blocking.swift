import Dispatch

/// Runs `body`, which may block as most calls of this module do, on a thread that is not one of Swift's few, and rethrows what it throws.
package func blocking<Value: Sendable, Failure: Error>(
    _ body: @escaping @Sendable () throws(Failure) -> Value
) async throws(Failure) -> Value {
    let result: Result<Value, Failure> = await withCheckedContinuation { continuation in
        ownThread().async { continuation.resume(returning: Result(catching: body)) }
    }
    return try result.get()
}

/// Runs `body` as ``blocking(_:)`` does, but goes on at once with nil when the task is cancelled; `body` then runs to its end unheard.
package func abandonable<Value: Sendable>(_ body: @escaping @Sendable () -> Value) async -> Value? {
    let (answers, answer) = AsyncStream.makeStream(of: Value.self)
    ownThread().async {
        answer.yield(body())
        answer.finish()
    }
    return await answers.first { _ in true }
}

/// A queue of its own gets a thread of its own. The global queue shares its few with Swift's tasks, and makes up for one that blocks only
/// after a second: two calls that wait for a broker would hold up every task on a machine with two cores.
private func ownThread() -> DispatchQueue { DispatchQueue(label: "argyle-relay.blocking") }
