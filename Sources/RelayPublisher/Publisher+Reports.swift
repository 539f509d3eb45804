import Logging
import RelayCore
import RelayKafka
import RelayMetrics
import RelayOutbox
import Synchronization

/// What Kafka says, on the producer's poll thread.
extension Publisher {
    /// Settles entries by their outcome and lets what waited behind them leave.
    func arrived(_ reports: [DeliveryReport]) {
        let now = time.now()
        let uptime = time.uptime()
        var settlements: [Settlement] = []
        settlements.reserveCapacity(reports.count)
        var published: [TopicName: Int] = [:]
        var news: [News] = []
        let retry = state.withLock { $0.retry }
        let replays = reports.filter { $0.token < 0 }
        for report in replays { replayArrived(report, at: now, uptime: uptime, within: retry) }
        if !replays.isEmpty {
            wakeReplays()
            state.withLock { state in
                for report in replays {
                    switch report.outcome {
                    case .fatal: state.isBroken = true
                    case .published: state.health.reached(at: uptime)
                    default: break
                    }
                }
            }
        }
        state.withLock { state in
            let bounds = state.retry
            for report in reports where report.token >= 0 {
                guard let topic = topic(of: report.token, in: state) else { continue }
                let place = state.lanes[topic]?.partition(of: report.token)
                let concerned = place.flatMap { $0 > 0 ? $0 - 1 : nil }
                let wasFailing = state.lanes[topic]?.isFailing(place) ?? false
                let arrival = state.lanes[topic]?.arrived(
                    report.token,
                    report.outcome,
                    at: uptime,
                    within: bounds,
                    random: .random(in: 0...1)
                )
                switch (arrival, report.outcome) {
                case (.published(let entry), .published(let partition, let offset)):
                    settlements.append(
                        Settlement(
                            topic: entry.topic,
                            sequence: entry.sequence,
                            at: now,
                            outcome: .published(partition: partition, offset: offset)
                        )
                    )
                    published[topic, default: 0] += 1
                    meters.latency.record(now.elapsed(since: entry.receivedAt))
                    state.rebuilding.reset()
                    if wasFailing { news.append(.recovered(topic, concerned)) }
                case (.dead(let entry), .dead(let code, let detail)):
                    settlements.append(
                        Settlement(topic: entry.topic, sequence: entry.sequence, at: now, outcome: .dead(code: code, detail: detail))
                    )
                    meters.failures[code].add()
                    news.append(.dead(topic, entry.id, code, detail))
                case (.failed(let entry), .retry(let code, let detail)), (.failed(let entry), .fatal(let code, let detail)):
                    settlements.append(
                        Settlement(topic: entry.topic, sequence: entry.sequence, at: now, outcome: .failed(code: code, detail: detail))
                    )
                    meters.failures[code].add()
                    if !wasFailing { news.append(.failing(topic, RetryScope(code: code) == .partition ? concerned : nil, code, detail)) }
                    if code == RefusedTimestamps.code, state.refusedTimestamps.isToBeTold(at: uptime) {
                        news.append(.timestampRefused(topic, timestamp(of: entry, at: now), now))
                    }
                    if code.hasPrefix("unknown_topic"), makeTopic != nil, !state.missingTopics.contains(topic) {
                        state.missingTopics.append(topic)
                    }
                    if case .fatal = report.outcome { state.isBroken = true }
                default: break
                }
            }
            if !published.isEmpty { state.health.reached(at: uptime) }
            // Before anybody sees the lanes: whoever then asks the outbox what waits asks behind these.
            if !settlements.isEmpty { outbox.settle(settlements) }
        }
        for (topic, count) in published { meters.published[topic.text].add(count) }
        for item in news { log(item) }
        wake()
    }

    /// Notes what librdkafka says beside reports.
    func happened(_ event: KafkaClientEvent) {
        let uptime = time.uptime()
        switch event {
        case .error(let code, let detail):
            let untold = state.withLock { state in
                state.health.failed(code: code, detail: detail, at: uptime)
                return state.faults.untoldBefore(code: code, detail: detail, at: uptime)
            }
            if let untold {
                var metadata: Logger.Metadata = ["code": "\(code)"]
                if untold > 0 { metadata["not_logged"] = "\(untold)" }
                logger.warning("kafka: \(detail)", metadata: metadata)
            }
            tellHint(about: code)
        case .fatal(let code, let detail):
            state.withLock { state in
                state.isBroken = true
                state.health.failed(code: code, detail: detail, at: uptime)
                _ = state.rebuilding.next(within: state.retry, random: 0)
            }
            logger.error("kafka: the producer is beyond repair and is made anew", metadata: ["code": "\(code)", "detail": "\(detail)"])
            wake()
        case .log(let level, let facility, let message):
            logger.log(level: level <= 4 ? .notice : .debug, "kafka: \(message)", metadata: ["facility": "\(facility)"])
        }
    }

    /// Says once what may be behind a refused password.
    private func tellHint(about code: String) {
        guard let hint = KafkaLibrary.scramHint(code: code, properties: settings.kafka.properties) else { return }
        let isFirst = state.withLock { state in
            defer { state.hasToldHint = true }
            return !state.hasToldHint
        }
        if isFirst { logger.error("kafka: \(hint)") }
    }

    /// Asks for a sign of life while none comes by itself.
    func watchBrokers() async {
        while !Task.isCancelled {
            if let producer = producer.withLock({ $0 }) {
                // Not waited for at the stop: one that no broker answers takes its time.
                guard let answer = await abandonable({ producer.probe(timeout: .seconds(5)) }) else { return }
                let uptime = time.uptime()
                let isBack = state.withLock { state in
                    switch answer {
                    case .reachable:
                        state.health.reached(at: uptime)
                        return state.faults.reached()
                    case .failed(let code, let detail):
                        state.health.failed(code: code, detail: detail, at: uptime)
                        return false
                    }
                }
                if isBack { logger.notice("kafka: reached again") }
            }
            do { try await clock.sleep(for: isConnected ? .seconds(10) : .seconds(2)) } catch { return }
        }
    }

    /// Few topics, so asking each is cheaper than a map of all that is on its way.
    private func topic(of sequence: Int64, in state: borrowing State) -> TopicName? {
        state.lanes.first { $0.value.isOnItsWay(sequence) }?.key
    }

    enum News {
        /// The partition is named where the fault is its own.
        case failing(TopicName, Int?, String, String)
        case recovered(TopicName, Int?)
        case dead(TopicName, EventID, String, String)
        case timestampRefused(TopicName, Timestamp, Timestamp)
    }

    func log(_ news: News) {
        switch news {
        case .failing(let topic, let partition, let code, let detail):
            var metadata: Logger.Metadata = ["topic": "\(topic.text)", "code": "\(code)", "detail": "\(detail)"]
            if let partition { metadata["partition"] = "\(partition)" }
            logger.warning("publishing fails; entries wait and are tried again in order", metadata: metadata)
        case .timestampRefused(let topic, let timestamp, let now):
            logger.error(
                "a broker refuses the timestamps of records; their entries wait: \(RefusedTimestamps.explanation(of: timestamp, at: now))",
                metadata: ["topic": "\(topic.text)", "timestamp": "\(timestamp)", "now": "\(now)"]
            )
        case .recovered(let topic, let partition):
            var metadata: Logger.Metadata = ["topic": "\(topic.text)"]
            if let partition { metadata["partition"] = "\(partition)" }
            logger.notice("publishing works again", metadata: metadata)
        case .dead(let topic, let id, let code, let detail):
            logger.error(
                "this one record is refused for good: its entry is dead, the user's later ones go on",
                metadata: ["topic": "\(topic.text)", "id": "\(id)", "code": "\(code)", "detail": "\(detail)"]
            )
        }
    }
}
