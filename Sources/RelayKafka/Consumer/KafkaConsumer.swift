import CRdKafka

/// Reads whole topics, every partition, without joining a group or committing anything. It holds at most 16 MiB a partition ahead of its
/// caller (`queued.max.messages.kbytes`), and reads nothing that was in a partition before its start.
package final class KafkaConsumer: Sendable {
    /// Where reading begins in each partition.
    package enum Start: Sendable, Hashable {
        case beginning
        /// Behind everything that is there when `init` returns.
        case end
        /// The first record with this timestamp or a later one, in milliseconds since 1970.
        case timestamp(Int64)
    }

    /// A partition that is being read, with the topic object that `rd_kafka_consume_stop` wants back.
    private struct Assignment: Sendable {
        let topic: CObject
        let partition: Int32
    }

    private let client: ClientHandle
    private let queue: CObject
    private let topics: [CObject]
    private let assignments: [Assignment]
    private let onEvent: @Sendable (KafkaClientEvent) -> Void

    /// The partitions that are being read, over all topics.
    package var partitionCount: Int { assignments.count }

    /// Looks the topics up and starts reading. `onEvent` is called inside ``read(maximum:timeout:)``, on its thread, and must
    /// not call ``close()``.
    ///
    /// Throws `unknown_topic_or_part` for a topic that is missing, and whatever keeps the cluster from answering within `timeout`.
    package init(
        settings: KafkaSettings,
        topics names: [String],
        from start: Start,
        timeout: Duration,
        onEvent: @escaping @Sendable (KafkaClientEvent) -> Void = { _ in }
    ) throws(KafkaError) {
        let client = try ClientHandle(settings, role: .reader)
        var plan: (queue: CObject, topics: [CObject], assignments: [Assignment])
        do throws(KafkaError) {
            plan = try client.use { pointer throws(KafkaError) in
                try Self.begin(pointer, names, from: start, deadline: .now + timeout)
            }
        } catch {
            let faults = FaultMemory()
            client.drain(faults.note)
            _ = client.shut()
            client.destroy()
            throw faults.cause(of: error)
        }
        self.client = client
        self.onEvent = onEvent
        (queue, topics, assignments) = plan
    }

    /// Up to `maximum` readings: waits at most `timeout` for the first and for none after it. Empty when nothing came. Throws `closed`.
    package func read(maximum: Int, timeout: Duration) throws(KafkaError) -> [KafkaReading] {
        client.drain(onEvent)
        return try client.use { _ throws(KafkaError) in
            var readings: [KafkaReading] = []
            var wait = timeout.milliseconds
            while readings.count < max(maximum, 1), let message = rd_kafka_consume_queue(queue.pointer, wait) {
                readings.append(KafkaReading(message))
                rd_kafka_message_destroy(message)
                wait = 0
            }
            return readings
        }
    }

    /// The offset that the next record of each partition will have, asked of the brokers now. A reader that has come so far has read all
    /// there was; `reachedEnd` alone may be older than the question.
    package func ends(timeout: Duration) throws(KafkaError) -> [KafkaPartition: Int64] {
        let deadline = ContinuousClock.now + timeout
        return try client.use { pointer throws(KafkaError) in
            var ends: [KafkaPartition: Int64] = [:]
            for assignment in assignments {
                let topic = rd_kafka_topic_name(assignment.topic.pointer).map { String(cString: $0) } ?? ""
                ends[KafkaPartition(topic: topic, id: assignment.partition)] =
                    try StartOffsets.end(pointer, topic, assignment.partition, deadline)
            }
            return ends
        }
    }

    /// Ends a ``read(maximum:timeout:)`` under way, stops reading and frees the client. A second call does nothing.
    package func close() {
        guard client.shut(interrupting: { _ in rd_kafka_queue_yield(queue.pointer) }) else { return }
        Self.end(assignments, topics, queue)
        client.destroy()
    }

    deinit { close() }

    private static func begin(
        _ client: OpaquePointer,
        _ names: [String],
        from start: Start,
        deadline: ContinuousClock.Instant
    ) throws(KafkaError) -> (queue: CObject, topics: [CObject], assignments: [Assignment]) {
        guard let queue = rd_kafka_queue_new(client).map({ CObject($0) }) else { throw .outOfMemory }
        var topics: [CObject] = []
        var assignments: [Assignment] = []
        do throws(KafkaError) {
            for name in names {
                let description = try TopicDescription.asking(client, name, timeout: deadline - .now)
                if let error = description.error { throw KafkaError(code: error.code, detail: "topic \(name): \(error.detail)") }
                guard let topic = rd_kafka_topic_new(client, name, nil).map({ CObject($0) }) else { throw .outOfMemory }
                topics.append(topic)
                let offsets = try StartOffsets.find(
                    client,
                    topic: name,
                    partitions: description.partitions.map(\.id),
                    start,
                    deadline: deadline
                )
                for (partition, offset) in offsets {
                    guard rd_kafka_consume_start_queue(topic.pointer, partition, offset, queue.pointer) == 0 else {
                        throw KafkaError(rd_kafka_last_error())
                    }
                    assignments.append(Assignment(topic: topic, partition: partition))
                }
            }
        } catch {
            end(assignments, topics, queue)
            throw error
        }
        return (queue, topics, assignments)
    }

    /// Stops the partitions first: they hold on to the queue and their topic.
    private static func end(_ assignments: [Assignment], _ topics: [CObject], _ queue: CObject) {
        for assignment in assignments { rd_kafka_consume_stop(assignment.topic.pointer, assignment.partition) }
        for topic in topics { rd_kafka_topic_destroy(topic.pointer) }
        rd_kafka_queue_destroy(queue.pointer)
    }
}
