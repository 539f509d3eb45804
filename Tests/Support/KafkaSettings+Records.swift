package import RelayKafka

extension KafkaConsumer {
    /// Reads on until all that is there now has been read.
    package func readToEnd() async throws -> [ConsumedRecord] {
        try await blocking {
            var records: [ConsumedRecord] = []
            var missing = try self.ends(timeout: .seconds(10))
            func reached(_ topic: String, _ partition: Int32, _ next: Int64) {
                let partition = KafkaPartition(topic: topic, id: partition)
                if let end = missing[partition], next >= end { missing[partition] = nil }
            }
            while !missing.isEmpty {
                for reading in try self.read(maximum: 1000, timeout: .seconds(1)) {
                    switch reading {
                    case .record(let record):
                        records.append(record)
                        reached(record.topic, record.partition, record.offset + 1)
                    case .reachedEnd(let topic, let partition, let next): reached(topic, partition, next)
                    case .failed(_, _, let error): throw error
                    }
                }
            }
            return records
        }
    }
}

extension KafkaSettings {
    /// All that `topics` hold now.
    package func records(in topics: String...) async throws -> [ConsumedRecord] {
        let consumer = try await blocking {
            try KafkaConsumer(settings: self, topics: topics, from: .beginning, timeout: .seconds(10))
        }
        defer { consumer.close() }
        return try await consumer.readToEnd()
    }
}
