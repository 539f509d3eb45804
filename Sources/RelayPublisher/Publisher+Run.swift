import Logging
import RelayCore
import RelayKafka
import RelayOutbox
import Synchronization

extension Publisher {
    /// Publishes until ``stop()`` or cancellation, then waits for what is on its way.
    package func run() async {
        for topic in await topicsLeftOver() { open([topic]) }
        await rebuildProducer()
        wake()
        await withTaskGroup(of: Void.self) { group in
            group.addTask { await self.watchBrokers() }
            group.addTask { await self.watchPartitions() }
            for await _ in wakes {
                if isStopping { break }
                for _ in 0..<alarms.takeRung() { await group.next() }
                await step()
                if let alarm = armAlarm() { group.addTask { await self.wake(at: alarm) } }
            }
            group.cancelAll()
        }
        // An entry that came while its lane was reading from disk, or had not begun to, is not in memory yet.
        if !Task.isCancelled { _ = await supply() }
        await finish()
    }

    var isStopping: Bool { state.withLock { $0.isStopping } || Task.isCancelled }

    /// Every topic that entries wait for since before the start. Asked until it is known: what is left out would wait for the next start.
    private func topicsLeftOver() async -> [TopicName] {
        while !isStopping {
            do throws(OutboxError) { return try await outbox.topicsPending() } catch {
                logger.error("cannot tell which topics have entries waiting", metadata: ["error": "\(error)"])
                if error == .closed { break }
                try? await clock.sleep(for: .seconds(1))
            }
        }
        return []
    }

    /// One round: mend what is broken, send what may leave, read what there is room for.
    private func step() async {
        await makeMissingTopics()
        if state.withLock({ $0.isBroken }) { await rebuildProducer() }
        send()
        if await supply() { wake() }
    }

    /// Reads what waits on disk for every lane that has room; false when there was nothing to read, or reading failed.
    private func supply() async -> Bool {
        let uptime = time.uptime()
        let reads = state.withLock { state in
            state.lanes.keys.compactMap { topic in state.lanes[topic]?.readRequest().map { (topic, $0) } }
        }
        for (topic, (after, limit)) in reads {
            do throws(OutboxError) {
                let entries = try await outbox.pending(in: topic, after: after, limit: limit)
                let isCut = PendingRead.isCut(entries, limit: limit)
                state.withLock { $0.lanes[topic]?.supplied(entries, limit: isCut ? entries.count : limit) }
            } catch {
                // That the store is slow is told once, not for every topic again and again.
                let level: Logger.Level = error == .slow ? .debug : .error
                logger.log(level: level, "cannot read what waits for Kafka", metadata: ["topic": "\(topic.text)", "error": "\(error)"])
                state.withLock { state in
                    state.lanes[topic]?.readFailed()
                    state.lanes[topic]?.pause(until: uptime + .seconds(1))
                }
                return false
            }
        }
        return !reads.isEmpty
    }

    func send() {
        guard let producer = producer.withLock({ $0 }) else { return }
        let uptime = time.uptime()
        let departures = state.withLock { state in
            state.lanes.keys.flatMap { topic in state.lanes[topic]?.departures(at: uptime) ?? [] }
        }
        guard !departures.isEmpty else { return }
        let messages = messages(of: departures)
        let (taken, refusals) = producer.publish(messages)
        var reports: [DeliveryReport] = []
        for (position, result) in refusals {
            if case .rejected(let outcome) = result { reports.append(DeliveryReport(token: messages[position].token, outcome: outcome)) }
        }
        if taken < departures.count {
            state.withLock { state in
                for entry in departures[taken...] { state.lanes[entry.topic]?.turnedBack(entry.sequence) }
                for topic in Set(departures[taken...].map(\.topic)) { state.lanes[topic]?.pause(until: uptime + .milliseconds(50)) }
            }
        }
        if !reports.isEmpty { arrived(reports) }
    }

    private func makeMissingTopics() async {
        guard let makeTopic else { return }
        for topic in state.withLock({ state in
            defer { state.missingTopics = [] }
            return state.missingTopics
        }) {
            do throws(KafkaError) { try await blocking { () throws(KafkaError) in try makeTopic(topic) } } catch {
                // Whoever stops the publisher also breaks this off.
                if isStopping { return }
                logger.warning(
                    "a topic cannot be made yet; entries wait and it is tried again",
                    metadata: ["topic": "\(topic.text)", "code": "\(error.code)", "detail": "\(error.detail)"]
                )
            }
        }
    }

    /// Replaces a producer that is beyond repair; what it had not delivered is reported and leaves again, in order.
    private func rebuildProducer() async {
        if let old = producer.withLock({ producer in
            defer { producer = nil }
            return producer
        }) {
            await blocking { old.close() }
            takeBackWhatIsLost()
        }
        state.withLock { $0.isBroken = false }
        do throws(KafkaError) {
            let new = try KafkaProducer(
                settings: settings.kafka,
                onReports: { [weak self] reports in self?.arrived(reports) },
                onEvent: { [weak self] event in self?.happened(event) },
                recall: { [weak self] tokens in self?.recalled(tokens) ?? [] }
            )
            producer.withLock { $0 = new }
        } catch {
            logger.error("no producer can be made; it is tried again", metadata: ["code": "\(error.code)", "detail": "\(error.detail)"])
            state.withLock { $0.isBroken = true }
        }
        let uptime = time.uptime()
        state.withLock { state in
            // Only after a failure: the first producer starts at once.
            guard state.rebuilding.failures > 0 || state.isBroken else { return }
            let pause = uptime + state.rebuilding.next(within: state.retry, random: .random(in: 0...1))
            for topic in state.lanes.keys { state.lanes[topic]?.pause(until: pause) }
        }
    }

    /// To be called while there is no producer. The old one tells of all that it gives up, unless librdkafka holds it longer than ``KafkaProducer/close()``
    /// waits: nobody will hear of that any more, and it would count as on its way until the next start.
    private func takeBackWhatIsLost() {
        let live = state.withLock { state in
            state.lanes.keys.reduce(0) { $0 + (state.lanes[$1]?.takeBack() ?? 0) }
        }
        let uptime = time.uptime()
        let replayed = replay.withLock { $0?.takeBack(at: uptime) ?? 0 }
        guard live + replayed > 0 else { return }
        logger.warning(
            "the old producer has not told what became of some entries; they are sent again",
            metadata: ["entries": "\(live)", "of_replays": "\(replayed)"]
        )
        wakeReplays()
    }

    /// When to look again, if nothing else wakes us; nil when that is armed already or there is nothing to wait for.
    private func armAlarm() -> Duration? {
        guard let next = state.withLock({ $0.lanes.values.compactMap(\.nextAttempt).min() }), alarms.arm(next) else { return nil }
        return next
    }

    private func wake(at uptime: Duration) async {
        await sleep(until: uptime)
        alarms.rang(uptime)
        wake()
    }

    /// Shorter when cancelled.
    func sleep(until uptime: Duration) async {
        let wait = uptime - time.uptime()
        if wait > .zero { try? await clock.sleep(for: wait) }
    }
}
