import RelayCore
import Synchronization

/// What waits for the writer. Whoever finds it full is told so; whoever comes after closing likewise.
final class Mailbox: Sendable {
    /// All that came since the writer looked last.
    struct Batch {
        var appends: [Append] = []
        var settlements: [Settlement] = []
        var visits: [@Sendable (isolated OutboxWriter) -> Void] = []
        var isClosing = false

        var isEmpty: Bool { appends.isEmpty && settlements.isEmpty && visits.isEmpty }
    }

    struct Append: Sendable {
        let fact: Fact
        let answer: CheckedContinuation<Result<Receipt, OutboxError>, Never>
    }

    /// Far above what the listener's connections can bring; what goes beyond is a mistake that must not take the memory.
    private static let capacity = 65_536

    private let waiting = Mutex(Batch())
    private let wakeUps: AsyncStream<Void>.Continuation
    /// Yields when something waits; several may become one.
    let arrivals: AsyncStream<Void>

    init() {
        (arrivals, wakeUps) = AsyncStream.makeStream(bufferingPolicy: .bufferingNewest(1))
    }

    func append(_ fact: Fact) async throws(OutboxError) -> Receipt {
        let result = await withCheckedContinuation { answer in
            let refusal: OutboxError? = waiting.withLock { batch in
                if batch.isClosing { return .closed }
                if batch.appends.count >= Self.capacity { return .full }
                batch.appends.append(Append(fact: fact, answer: answer))
                return nil
            }
            if let refusal { answer.resume(returning: .failure(refusal)) } else { wakeUps.yield() }
        }
        return try result.get()
    }

    func settle(_ settlements: [Settlement]) {
        waiting.withLock { $0.settlements.append(contentsOf: settlements) }
        wakeUps.yield()
    }

    /// Has `visit` run between two transactions.
    func visit(_ visit: @escaping @Sendable (isolated OutboxWriter) -> Void) throws(OutboxError) {
        let isOpen = waiting.withLock { batch in
            if !batch.isClosing { batch.visits.append(visit) }
            return !batch.isClosing
        }
        guard isOpen else { throw .closed }
        wakeUps.yield()
    }

    /// Has the writer look around although nothing came.
    func wake() { wakeUps.yield() }

    func close() {
        waiting.withLock { $0.isClosing = true }
        wakeUps.yield()
    }

    /// Appends that the writer has not taken yet.
    var waitingAppends: Int { waiting.withLock { $0.appends.count } }

    func take() -> Batch {
        waiting.withLock { batch in
            let taken = batch
            batch = Batch(isClosing: batch.isClosing)
            return taken
        }
    }
}
