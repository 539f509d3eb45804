package import RelayCore
package import RelayMetrics
import Synchronization

/// The outbox in one SQLite file, for one node.
///
/// One connection and one writer: appends that wait together share one transaction and one fsync, and settlements ride along
/// (SQLite before 3.51.3 has a race between two writing connections). Queries run on the same connection between transactions,
/// in slices, so that none holds up an append noticeably.
package final class SQLiteOutbox: OutboxStore {
    /// How facts become entries, and when they are turned away or forgotten.
    package struct Settings: Sendable {
        package var source: String
        package var includesRaw: Bool
        package var routing: TopicRouting
        package var limits: OutboxLimits
        /// How many facts gather in memory before they are filed in the index.
        var recentFacts = 16_384

        package init(source: String, includesRaw: Bool, routing: TopicRouting, limits: OutboxLimits) {
            self.source = source
            self.includesRaw = includesRaw
            self.routing = routing
            self.limits = limits
        }
    }

    let mailbox = Mailbox()
    let writer: OutboxWriter
    private let current: CurrentStatus
    private let clock: any Clock<Duration>
    let time: TimeSource
    package let path: String

    /// Opens the file at `path`, making it and its folder where they are missing.
    /// - Parameters:
    ///   - time: tells how old what may be pruned is.
    ///   - clock: beats once a second, so that an idle outbox prunes, retries settlements and knows its disk as a busy one does.
    package init(
        path: String,
        settings: Settings,
        meters: OutboxMeters,
        time: TimeSource,
        clock: any Clock<Duration>
    ) throws(OutboxError) {
        self.clock = clock
        self.time = time
        self.path = path
        let connection = try OutboxFile.open(path)
        current = CurrentStatus()
        writer = try OutboxWriter(
            opening: connection,
            path: path,
            settings: settings,
            meters: meters,
            current: current,
            time: time
        )
    }

    /// Writes what comes until ``stop()`` or cancellation, then what still waits, and closes the file.
    /// - Parameter onCommit: is handed entries that have just become durable, in order; called on the writer, must not block.
    package func run(onCommit: @escaping @Sendable ([OutboxEntry]) -> Void) async {
        await withDiscardingTaskGroup { group in
            group.addTask { await self.beat() }
            for await _ in mailbox.arrivals {
                let batch = mailbox.take()
                await writer.process(batch, onCommit: onCommit)
                if batch.isClosing { break }
            }
            group.cancelAll()
        }
        mailbox.close()
        await writer.process(mailbox.take(), onCommit: onCommit)
        await writer.close()
    }

    /// At once and then every second, until cancelled.
    private func beat() async {
        repeat { mailbox.wake() } while (try? await clock.sleep(for: .seconds(1))) != nil
    }

    /// Ends ``run(onCommit:)``; nothing may be appended from now on.
    package func stop() { mailbox.close() }

    package func append(_ fact: Fact) async throws(OutboxError) -> Receipt { try await mailbox.append(fact) }

    package func settle(_ settlements: [Settlement]) { mailbox.settle(settlements) }

    package func pending(
        in topic: TopicName,
        after sequence: Int64,
        limit: Int
    ) async throws(OutboxError) -> [OutboxEntry] {
        try await visit { writer throws(SQLiteError) in try writer.pending(in: topic, after: sequence, limit: limit) }
    }

    package func topicsPending() async throws(OutboxError) -> [TopicName] {
        try await visit { writer throws(SQLiteError) in try writer.topicsPending() }
    }

    package var status: OutboxStatus { current.value.withLock { $0 } }

    /// Takes new limits from the next transaction on.
    package func setLimits(_ limits: OutboxLimits) throws(OutboxError) {
        try mailbox.visit { writer in writer.setLimits(limits) }
    }

    /// Runs `body` on the writer between two transactions; it must be short.
    func visit<Value: Sendable>(
        _ body: @escaping @Sendable (isolated OutboxWriter) throws(SQLiteError) -> Value
    ) async throws(OutboxError) -> Value {
        let result: Result<Value, OutboxError> = await withCheckedContinuation { answer in
            do throws(OutboxError) {
                try mailbox.visit { writer in
                    do throws(SQLiteError) { answer.resume(returning: .success(try body(writer))) } catch {
                        answer.resume(returning: .failure(.failed(error)))
                    }
                }
            } catch {
                answer.resume(returning: .failure(error))
            }
        }
        return try result.get()
    }
}

/// When facts are turned away and when entries and facts are forgotten; may change while running.
package struct OutboxLimits: Equatable, Sendable {
    /// Entries that may wait for Kafka.
    package var maxPending: Int
    /// Bytes that must stay free on the store's file system.
    package var minFreeDisk: Int
    /// How long a published entry is kept.
    package var entryRetention: Duration
    /// How long a fact is remembered; nil for ever.
    package var factRetention: Duration?

    package init(maxPending: Int, minFreeDisk: Int, entryRetention: Duration, factRetention: Duration?) {
        self.maxPending = maxPending
        self.minFreeDisk = minFreeDisk
        self.entryRetention = entryRetention
        self.factRetention = factRetention
    }
}

/// The status as others may read it at any time.
final class CurrentStatus: Sendable {
    let value = Mutex(OutboxStatus(pending: 0, dead: 0, oldestPending: nil, shedding: nil, failure: nil))
}

extension SQLiteOutbox {
    /// Of the SQLite that is linked.
    package static var libraryVersion: String { SQLiteConnection.libraryVersion }
}
