import Synchronization

/// The one-time news that the relay stops.
final class Stopping: Sendable {
    private let begun = Atomic<Bool>(false)
    private let stream: AsyncStream<Never>
    private let continuation: AsyncStream<Never>.Continuation

    init() { (stream, continuation) = AsyncStream.makeStream() }

    var isStopping: Bool { begun.load(ordering: .acquiring) }

    func begin() {
        begun.store(true, ordering: .releasing)
        continuation.finish()
    }

    func wait() async { for await _ in stream {} }
}
