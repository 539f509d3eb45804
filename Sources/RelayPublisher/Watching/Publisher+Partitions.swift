import Logging
import RelayCore
import RelayKafka
import Synchronization

/// Partitions: how many each topic has, and which of them take nothing.
extension Publisher {
    private static let beat = Duration.milliseconds(500)
    /// How often a number that is known is asked for again: it may grow.
    private static let refresh = Duration.seconds(30)

    /// Every partition that is stalled or once was since the start.
    package var partitionReports: [PartitionReport] { state.withLock { $0.stalls.reports(at: time.uptime()) } }

    /// Those that are stalled now, such as `argyle.users.fully-synced/3`.
    package var stalledPartitions: [String] {
        partitionReports.filter { $0.stalledFor != nil }.map { "\($0.topic.text)/\($0.partition)" }
    }

    /// Until cancelled.
    func watchPartitions() async {
        while !Task.isCancelled {
            await learnPartitions()
            tellStalls()
            do { try await clock.sleep(for: Self.beat) } catch { return }
        }
    }

    private func learnPartitions() async {
        guard let producer = producer.withLock({ $0 }) else { return }
        let uptime = time.uptime()
        let due = state.withLock { state in
            state.replayTopics.union(state.lanes.keys).filter { state.countsAsked[$0].map { uptime >= $0 } ?? true }
        }
        for topic in due {
            // Not waited for at the stop.
            let answer = await abandonable { producer.partitionCount(of: topic.text, timeout: .seconds(1)) }
            guard let answer else { return }
            state.withLock { state in
                state.countsAsked[topic] = time.uptime() + (answer == nil ? .seconds(1) : Self.refresh)
                guard let answer else { return }
                state.partitionCounts[topic] = Int(answer)
                state.lanes[topic]?.setPartitionCount(Int(answer))
            }
            wake()
        }
    }

    private func tellStalls() {
        let uptime = time.uptime()
        let (begun, ended) = state.withLock { state in
            let sign = state.health.lastSign
            var seen: [StallWatch.Place: Duration] = [:]
            for (topic, lane) in state.lanes {
                for stalled in lane.stalled(for: StallWatch.patience, at: uptime, lastSign: sign) where stalled.isReckoned {
                    seen[StallWatch.Place(topic: topic, partition: stalled.partition)] = stalled.since
                }
            }
            return state.stalls.look(seen, at: uptime)
        }
        for place in begun {
            logger.warning(
                "a partition takes no records; the users whose keys lie in it wait, all others go on",
                metadata: ["topic": "\(place.topic.text)", "partition": "\(place.name)"]
            )
        }
        for place in ended {
            logger.notice("the partition takes records again", metadata: ["topic": "\(place.topic.text)", "partition": "\(place.name)"])
        }
    }
}
