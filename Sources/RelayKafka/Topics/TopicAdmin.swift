import CRdKafka
import Synchronization

/// Asks about topics and brokers, and makes topics. Every call blocks its thread, ends within its timeout and changes nothing that it was
/// not told to: asking about a missing topic never creates it.
package final class TopicAdmin: Sendable {
    let client: ClientHandle
    /// Queues on which calls of the admin interface wait for their answers.
    let waits = Mutex<[CObject]>([])
    private let faults = FaultMemory()

    package init(settings: KafkaSettings) throws(KafkaError) {
        client = try ClientHandle(settings, role: .reader)
    }

    /// Frees the client once the calls under way have ended: those of the admin interface at once, as `closed`, others in their time. A second
    /// call does nothing.
    package func close() {
        let isFirst = client.shut { _ in waits.withLock { for queue in $0 { rd_kafka_queue_yield(queue.pointer) } } }
        if isFirst { client.destroy() }
    }

    deinit { close() }

    /// Replaces a mere time-out by the fault that librdkafka has reported since, such as a refused password.
    func explained(_ error: KafkaError) -> KafkaError {
        client.drain(faults.note)
        return faults.cause(of: error)
    }

    /// Runs one call of librdkafka's admin interface on a queue of its own and hands its result to `read`.
    func request<Answer>(
        _ operation: rd_kafka_admin_op_t,
        timeout: Duration,
        send: (_ client: OpaquePointer, _ options: OpaquePointer, _ queue: OpaquePointer) -> Void,
        read: (_ event: OpaquePointer) throws(KafkaError) -> Answer
    ) throws(KafkaError) -> Answer {
        do throws(KafkaError) {
            return try client.use { pointer throws(KafkaError) in
                guard let queue = rd_kafka_queue_new(pointer) else { throw .outOfMemory }
                waits.withLock { $0.append(CObject(queue)) }
                defer {
                    waits.withLock { $0.removeAll { $0.pointer == queue } }
                    rd_kafka_queue_destroy(queue)
                }
                // A ``close()`` that did not find the queue came before this.
                guard !client.isShut else { throw .closed }
                guard let options = rd_kafka_AdminOptions_new(pointer, operation) else { throw .outOfMemory }
                defer { rd_kafka_AdminOptions_destroy(options) }
                let limit = max(timeout.milliseconds, 1)
                var message = [CChar](repeating: 0, count: 256)
                let code = rd_kafka_AdminOptions_set_request_timeout(options, limit, &message, message.count)
                guard code == RD_KAFKA_RESP_ERR_NO_ERROR else { throw KafkaError(code, detail: message.text) }
                send(pointer, options, queue)
                // librdkafka times the request out itself; the second is for its answer to arrive.
                guard let event = rd_kafka_queue_poll(queue, limit + 1000) else {
                    throw client.isShut ? .closed : KafkaError(RD_KAFKA_RESP_ERR__TIMED_OUT)
                }
                defer { rd_kafka_event_destroy(event) }
                let failure = rd_kafka_event_error(event)
                guard failure == RD_KAFKA_RESP_ERR_NO_ERROR else {
                    throw KafkaError(failure, detail: rd_kafka_event_error_string(event).map { client.redactor(String(cString: $0)) })
                }
                return try read(event)
            }
        } catch {
            throw explained(error)
        }
    }
}
