import RelayKafka

/// Reads topics until it is stopped or, if so asked, until it has read what they held; blocks a thread of Dispatch's, none of Swift's.
final class TopicFollower: Sendable {
    private let consumer: KafkaConsumer
    private let untilEnd: Bool

    init(_ consumer: KafkaConsumer, untilEnd: Bool) {
        self.consumer = consumer
        self.untilEnd = untilEnd
    }

    /// Hands over each record; ends with the last when asked to, or with ``stop()``. Rethrows what `onRecord` throws.
    func run(
        onRecord: @escaping @Sendable (ConsumedRecord) throws -> Void,
        onFault: @escaping @Sendable (String) -> Void
    ) async throws {
        try await blocking { [self] in try read(onRecord, onFault) }
    }

    /// Ends ``run(onRecord:onFault:)``.
    func stop() { consumer.close() }

    private func read(_ onRecord: (ConsumedRecord) throws -> Void, _ onFault: (String) -> Void) throws {
        defer { consumer.close() }
        var ended = Set<String>()
        var faults: [String: KafkaError] = [:]
        while !untilEnd || ended.count < consumer.partitionCount {
            let readings: [KafkaReading]
            // Closed by ``stop()``.
            do throws(KafkaError) { readings = try consumer.read(maximum: 1000, timeout: .milliseconds(500)) } catch { return }
            for reading in readings {
                switch reading {
                case .record(let record):
                    faults["\(record.topic)/\(record.partition)"] = nil
                    try onRecord(record)
                case .reachedEnd(let topic, let partition, _):
                    ended.insert("\(topic)/\(partition)")
                case .failed(let topic, let partition, let error):
                    // librdkafka repeats itself for as long as it tries.
                    guard faults.updateValue(error, forKey: "\(topic)/\(partition)") != error else { continue }
                    onFault("\(topic) partition \(partition): \(error.detail) (\(error.code)); reading goes on when that is over")
                }
            }
        }
    }
}
