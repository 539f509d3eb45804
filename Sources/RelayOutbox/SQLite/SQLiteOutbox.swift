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
        /// How long an append may wait before it is told that the store is slow.
        package var answerTimeout = Duration.seconds(8)
        /// How many facts gather in memory before they are filed in the index.
        var recentFacts = 16_384

        package init(source: String, includesRaw: Bool, routing: TopicRouting, limits: OutboxLimits) {
            self.source = source
            self.includesRaw = includesRaw
            self.routing = routing
            self.limits = limits
        }
    }

    let mailbox: Mailbox
    let writer: OutboxWriter
    private let current: CurrentStatus
    private let clock: any Clock<Duration>
    package let time: TimeSource
    package let path: String
    /// When the file was written last before it was opened, by the machine's clock as it was then; nil for a new one.
    package let writtenBefore: Timestamp?
    /// News for the operator, until ``run(onCommit:)`` ends; the newest wait for their reader.
    package let notices: AsyncStream<OutboxNotice>
    private let notifier: AsyncStream<OutboxNotice>.Continuation
    let routing: TopicRouting

    /// Opens the file at `path`, making it and its folder where they are missing.
    /// - Parameters:
    ///   - time: tells how old what may be pruned is.
    ///   - clock: beats four times a second, so that an idle outbox prunes, retries settlements and knows its disk as a busy one does, and
    ///     nobody waits without end for one that does not answer.
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
        routing = settings.routing
        let connection = try OutboxFile.open(path)
        do throws(SQLiteError) { writtenBefore = try connection.lastWritten() } catch {
            connection.close()
            throw .failed(error)
        }
        current = CurrentStatus()
        mailbox = Mailbox(answerTimeout: settings.answerTimeout)
        let (notices, notifier) = AsyncStream<OutboxNotice>.makeStream(bufferingPolicy: .bufferingNewest(64))
        (self.notices, self.notifier) = (notices, notifier)
        writer = try OutboxWriter(
            opening: connection,
            path: path,
            settings: settings,
            meters: meters,
            current: current,
            mailbox: mailbox,
            time: time,
            notify: { notifier.yield($0) }
        )
    }

    /// Writes what comes until ``stop()`` or cancellation, then what still waits, and closes the file.
    /// - Parameter onCommit: is handed entries that have just become durable, in order; called on the writer, must not block.
    package func run(onCommit: @escaping @Sendable ([OutboxEntry]) -> Void) async {
        async let _: Void = beat()
        for await _ in mailbox.arrivals {
            let batch = mailbox.take()
            await writer.process(batch, onCommit: onCommit)
            if batch.isClosing { break }
        }
        mailbox.close()
        await writer.process(mailbox.take(), onCommit: onCommit)
        await writer.close()
        notifier.finish()
    }

    /// At once and then with every tick, until cancelled. It never waits for the writer, which may be held up.
    private func beat() async {
        repeat {
            switch mailbox.tick() {
            case .slow: notifier.yield(.slow(path: path))
            case .wellAgain(let duration): notifier.yield(.wellAgain(after: duration))
            case nil: break
            }
            mailbox.wake()
        } while (try? await clock.sleep(for: Mailbox.tickLength)) != nil
    }

    /// Takes a new limit to the wait of an append; holds for those that wait already.
    package func setAnswerTimeout(_ timeout: Duration) { mailbox.setAnswerTimeout(timeout) }

    /// How long the writer has been at what it does now; nil while it has nothing to do.
    package var turnAge: Duration? { mailbox.turnAge }

    /// How often the writer has come round; four times a second even with nothing to do.
    package var turns: Int { mailbox.turns }

    /// Whether a question is worth asking: the writer is not held up by what it is at.
    package var isAnswering: Bool { (mailbox.turnAge ?? .zero) < .milliseconds(500) }

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

    package var status: OutboxStatus {
        var status = current.value.withLock { $0 }
        status.isSlow = mailbox.isSlow
        return status
    }

    /// Takes new limits from the next transaction on.
    package func setLimits(_ limits: OutboxLimits) throws(OutboxError) {
        try mailbox.visit(Mailbox.Visit(run: { writer in writer.setLimits(limits) }, refuse: { _ in }))
    }

    /// Runs `body` on the writer between two transactions; it must be short. Throws ``OutboxError/slow`` when that takes too long: then it
    /// has not begun, or its end is not awaited.
    func visit<Value: Sendable>(
        _ body: @escaping @Sendable (isolated OutboxWriter) throws(SQLiteError) -> Value
    ) async throws(OutboxError) -> Value {
        try await ask { writer in
            do throws(SQLiteError) { return .success(try body(writer)) } catch { return .failure(.failed(error)) }
        }
    }

    /// The same for what changes the outbox on an operator's behalf: refused while the file is not in its place.
    func change<Value: Sendable>(
        _ body: @escaping @Sendable (isolated OutboxWriter) throws(SQLiteError) -> Value
    ) async throws(OutboxError) -> Value {
        try await ask { writer in
            if let displacement = writer.displacement { return .failure(displacement) }
            do throws(SQLiteError) { return .success(try body(writer)) } catch { return .failure(.failed(error)) }
        }
    }

    private func ask<Value: Sendable>(
        _ body: @escaping @Sendable (isolated OutboxWriter) -> Result<Value, OutboxError>
    ) async throws(OutboxError) -> Value {
        let result: Result<Value, OutboxError> = await withCheckedContinuation { continuation in
            let answer = VisitAnswer(continuation)
            let visit = Mailbox.Visit(
                run: { writer in if answer.isAwaited { answer.give(body(writer)) } },
                refuse: { answer.give(.failure($0)) }
            )
            do throws(OutboxError) { try mailbox.visit(visit) } catch { answer.give(.failure(error)) }
        }
        return try result.get()
    }
}

/// The answer to one who asks the writer something: given once, whoever is first.
private final class VisitAnswer<Value: Sendable>: Sendable {
    private let continuation: Mutex<CheckedContinuation<Result<Value, OutboxError>, Never>?>

    init(_ continuation: CheckedContinuation<Result<Value, OutboxError>, Never>) { self.continuation = Mutex(continuation) }

    var isAwaited: Bool { continuation.withLock { $0 != nil } }

    func give(_ result: Result<Value, OutboxError>) {
        continuation.withLock { continuation in
            defer { continuation = nil }
            return continuation
        }?.resume(returning: result)
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
    /// How long the same bytes of an event without an identity of its own are a retry, and a known set is nothing but a copy.
    package var repeatWindow: Duration
    /// What becomes of a known set that says something new after that.
    package var resent: ResentPolicy

    package init(
        maxPending: Int,
        minFreeDisk: Int,
        entryRetention: Duration,
        factRetention: Duration?,
        repeatWindow: Duration = .seconds(600),
        resent: ResentPolicy = .suppress
    ) {
        self.maxPending = maxPending
        self.minFreeDisk = minFreeDisk
        self.entryRetention = entryRetention
        self.factRetention = factRetention
        self.repeatWindow = repeatWindow
        self.resent = resent
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
