import RelayKafka

extension KafkaConsumer {
    /// Reads on until every partition has said that it has no more.
    func readToEnd() async throws -> [ConsumedRecord] {
        try await blocking {
            var records: [ConsumedRecord] = []
            var ended: Set<String> = []
            while ended.count < self.partitionCount {
                for reading in try self.read(maximum: 1000, timeout: .seconds(1)) {
                    switch reading {
                    case .record(let record): records.append(record)
                    case .reachedEnd(let topic, let partition, _): ended.insert("\(topic)/\(partition)")
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
    func records(in topics: String...) async throws -> [ConsumedRecord] {
        let consumer = try await blocking {
            try KafkaConsumer(settings: self, topics: topics, from: .beginning, timeout: .seconds(10))
        }
        defer { consumer.close() }
        return try await consumer.readToEnd()
    }
}
