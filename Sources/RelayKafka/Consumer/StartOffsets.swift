import CRdKafka

/// The offsets at which a consumer begins. They are asked for before reading starts, so that nothing which arrives in between is missed.
enum StartOffsets {
    /// One offset a partition. Throws when a partition has no leader to ask, or time is up.
    static func find(
        _ client: OpaquePointer,
        topic: String,
        partitions: [Int32],
        _ start: KafkaConsumer.Start,
        deadline: ContinuousClock.Instant
    ) throws(KafkaError) -> [(partition: Int32, offset: Int64)] {
        switch start {
        case .beginning:
            return partitions.map { ($0, Int64(RD_KAFKA_OFFSET_BEGINNING)) }
        case .end:
            var ends: [(partition: Int32, offset: Int64)] = []
            for partition in partitions { ends.append((partition, try end(client, topic, partition, deadline))) }
            return ends
        case .timestamp(let time):
            return try offsets(client, topic, partitions, at: time, deadline)
        }
    }

    /// The offset behind the last record.
    static func end(
        _ client: OpaquePointer,
        _ topic: String,
        _ partition: Int32,
        _ deadline: ContinuousClock.Instant
    ) throws(KafkaError) -> Int64 {
        var low: Int64 = 0
        var high: Int64 = 0
        let timeout = max((deadline - .now).milliseconds, 1)
        let code = rd_kafka_query_watermark_offsets(client, topic, partition, &low, &high, timeout)
        guard code == RD_KAFKA_RESP_ERR_NO_ERROR else { throw KafkaError(code) }
        return high
    }

    /// `ListOffsets` by time (KIP-79): no record that late means the end.
    private static func offsets(
        _ client: OpaquePointer,
        _ topic: String,
        _ partitions: [Int32],
        at time: Int64,
        _ deadline: ContinuousClock.Instant
    ) throws(KafkaError) -> [(partition: Int32, offset: Int64)] {
        // Negative times have other meanings in the protocol.
        let time = max(time, 0)
        guard let list = rd_kafka_topic_partition_list_new(Int32(clamping: partitions.count)) else { throw .outOfMemory }
        defer { rd_kafka_topic_partition_list_destroy(list) }
        for partition in partitions { rd_kafka_topic_partition_list_add(list, topic, partition)?.pointee.offset = time }
        let code = rd_kafka_offsets_for_times(client, list, max((deadline - .now).milliseconds, 1))
        guard code == RD_KAFKA_RESP_ERR_NO_ERROR else { throw KafkaError(code) }
        var found: [(partition: Int32, offset: Int64)] = []
        for element in UnsafeBufferPointer(start: list.pointee.elems, count: Int(list.pointee.cnt)) {
            guard element.err == RD_KAFKA_RESP_ERR_NO_ERROR else { throw KafkaError(element.err) }
            let offset = element.offset >= 0 ? element.offset : try end(client, topic, element.partition, deadline)
            found.append((element.partition, offset))
        }
        return found
    }
}
