import CRdKafka
import Synchronization

/// An idempotent producer that tells each record's fate by its token. It never reports a record as published before all in-sync replicas
/// have it, and never calls a record dead, or its timestamp refused, that was refused in company: its owner is asked for it, and it is sent again alone first.
///
/// It lives until ``close()``; one that is dropped without it runs on.
package final class KafkaProducer: Sendable {
    let settings: KafkaSettings
    let client: ClientHandle
    /// Sends single records, made when first needed: a broker refuses a whole batch for the sake of one record.
    let isolator = Mutex<ClientHandle?>(nil)
    let faults = FaultMemory()
    /// That records were handed over for.
    let topics = Mutex<Set<String>>([])
    let onReports: @Sendable ([DeliveryReport]) -> Void
    let onEvent: @Sendable (KafkaClientEvent) -> Void
    let recall: @Sendable ([Int64]) -> [KafkaMessage]
    let stopped = Atomic<Bool>(false)
    let rounds = Atomic<Int>(0)
    private let thread = PollThread()

    /// Starts the client and its poll thread, on which the closures are called; none may call ``close()``. No broker has to be up.
    /// - Parameter recall: makes the records of those tokens anew, for a report does not hold its record whole: librdkafka tells no timestamp of a
    ///   message that failed. One that is not made is reported as `retry`.
    package init(
        settings: KafkaSettings,
        onReports: @escaping @Sendable ([DeliveryReport]) -> Void,
        onEvent: @escaping @Sendable (KafkaClientEvent) -> Void,
        recall: @escaping @Sendable ([Int64]) -> [KafkaMessage] = { _ in [] }
    ) throws(KafkaError) {
        self.settings = settings
        self.onReports = onReports
        self.onEvent = onEvent
        self.recall = recall
        client = try ClientHandle(settings, role: .producer)
        do throws(KafkaError) {
            try thread.start { [self] in poll() }
        } catch {
            _ = client.shut()
            client.destroy()
            throw error
        }
    }

    /// How often the poll thread has come round; about four times a second even with nothing to report.
    package var pollRounds: Int { rounds.load(ordering: .relaxed) }

    /// Hands one record over; copies it, does not wait.
    package func publish(_ message: KafkaMessage) -> EnqueueResult {
        publish(CollectionOfOne(message)).refusals.first?.result ?? .enqueued
    }

    /// Hands records over in order, up to the first that finds the producer full. Answers how many were looked at, and those of them that
    /// were refused, by their position.
    package func publish(_ messages: some Collection<KafkaMessage>) -> (taken: Int, refusals: [(position: Int, result: EnqueueResult)]) {
        var refusals: [(position: Int, result: EnqueueResult)] = []
        var position = 0
        var topic: String?
        do throws(KafkaError) {
            try client.use { pointer throws(KafkaError) in
                for message in messages {
                    if message.topic != topic {
                        topic = message.topic
                        topics.withLock { _ = $0.insert(message.topic) }
                    }
                    let code = message.produce(with: pointer)
                    if code == RD_KAFKA_RESP_ERR__QUEUE_FULL {
                        refusals.append((position, .full))
                        return
                    }
                    if code == RD_KAFKA_RESP_ERR_MSG_SIZE_TOO_LARGE {
                        refusals.append((position, .rejected(.tooLargeForLibrary(message, limit: settings.messageLimit))))
                    } else if code != RD_KAFKA_RESP_ERR_NO_ERROR {
                        let fatal = rd_kafka_fatal_error(pointer, nil, 0) != RD_KAFKA_RESP_ERR_NO_ERROR
                        refusals.append((position, .rejected(.failed(code: code.rawValue, producerIsFatal: fatal))))
                    }
                    position += 1
                }
            }
        } catch {
            refusals.append((position, .rejected(.retry(code: error.code, detail: error.detail))))
        }
        return (position, refusals)
    }

    /// Waits until every record that was handed over is reported, at most `timeout`; sends what lingers at once. True when none is left.
    package func flush(timeout: Duration) -> Bool {
        let deadline = ContinuousClock.now + timeout
        let flushed = try? client.use { pointer throws(KafkaError) in rd_kafka_flush(pointer, timeout.milliseconds) }
        guard flushed == RD_KAFKA_RESP_ERR_NO_ERROR else { return false }
        guard let isolator = isolator.withLock({ $0 }) else { return true }
        let rest = (deadline - ContinuousClock.now).milliseconds
        let alone = try? isolator.use { pointer throws(KafkaError) in rd_kafka_flush(pointer, rest) }
        return alone == RD_KAFKA_RESP_ERR_NO_ERROR
    }

    /// Gives up what is not acknowledged (each such token is reported as `retry`, code `purge_queue`, or `purge_inflight` where a broker may
    /// have the record), waits for the poll thread and frees the client. After it returns no closure is called. A second call does nothing.
    package func close() {
        precondition(!thread.isCurrent, "close() in a callback would wait for itself")
        // Purged before the wait, so that a `flush` elsewhere ends; and again after it, for what came in between.
        guard client.shut(interrupting: purge) else { return }
        settleAll()
        stopped.store(true, ordering: .releasing)
        client.wake()
        thread.join()
        let isolator = isolator.withLock { $0 }
        if let isolator, isolator.shut() { isolator.destroy() }
        client.destroy()
    }

    /// Purges until the poll thread has reported everything. The bound is a last resort: librdkafka answers a purge at once.
    private func settleAll() {
        let deadline = ContinuousClock.now + .seconds(2)
        while pending > 0, ContinuousClock.now < deadline {
            client.serve { pointer in
                purge(pointer)
                _ = rd_kafka_flush(pointer, 20)
            }
            isolator.withLock { $0 }?.serve { pointer in
                purge(pointer)
                _ = rd_kafka_flush(pointer, 20)
            }
        }
    }

    private func purge(_ pointer: OpaquePointer) {
        _ = rd_kafka_purge(pointer, RD_KAFKA_PURGE_F_QUEUE | RD_KAFKA_PURGE_F_INFLIGHT)
    }

    private var pending: Int32 {
        client.serve(rd_kafka_outq_len) + (isolator.withLock { $0 }?.serve(rd_kafka_outq_len) ?? 0)
    }
}
