import RelayCore
import RelayKafka
import Synchronization

/// Entries as records. They are made at each try, so that a record never bears a time that is later than the try.
extension Publisher {
    func messages(of entries: [OutboxEntry], isReplay: Bool = false) -> [KafkaMessage] {
        let now = time.now()
        return entries.map { entry in
            KafkaMessage(
                KafkaRecord(entry, mode: settings.mode, at: now, maxAge: settings.maxTimestampAge),
                token: isReplay ? ReplayRun.token(of: entry.sequence) : entry.sequence
            )
        }
    }

    /// As the record bears it that is sent at `now`.
    func timestamp(of entry: OutboxEntry, at now: Timestamp) -> Timestamp {
        KafkaRecord.timestamp(of: entry.receivedAt, at: now, maxAge: settings.maxTimestampAge)
    }

    /// The records of those tokens once more, without what is not on its way any more; on the producer's poll thread.
    func recalled(_ tokens: [Int64]) -> [KafkaMessage] {
        let live = state.withLock { state in
            tokens.filter { $0 >= 0 }.compactMap { token in state.lanes.values.lazy.compactMap { $0.inFlight[token] }.first }
        }
        let again = tokens.filter { $0 < 0 }
        guard !again.isEmpty else { return messages(of: live) }
        let replayed = replay.withLock { run in again.compactMap { run?.lane.inFlight[ReplayRun.sequence(of: $0)] } }
        return messages(of: live) + messages(of: replayed, isReplay: true)
    }
}

extension KafkaMessage {
    init(_ record: KafkaRecord, token: Int64) {
        self.init(
            topic: record.topic.text,
            key: record.key,
            value: record.value,
            headers: record.headers.map { KafkaHeader(name: $0.name, value: $0.value) },
            timestamp: record.timestamp.milliseconds,
            token: token
        )
    }
}
