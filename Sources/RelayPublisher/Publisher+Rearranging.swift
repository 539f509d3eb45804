import Logging
package import RelayCore
import RelayKafka
package import RelayOutbox
import Synchronization

/// Why what waits could not be rearranged.
package enum RearrangingFault: Error, Equatable, Sendable {
    /// Another such order is being carried out.
    case busy
    /// The entry is on its way to Kafka.
    case onItsWay
    case stopping
    case outbox(OutboxError)
}

/// Orders that change what waits on disk while the publisher runs. The lanes concerned stand still meanwhile, so that no entry is ever in two.
extension Publisher {
    /// How long Kafka may take to say what became of what is on its way: longer than librdkafka waits for a missing topic.
    private static var patience: Duration { .seconds(6) }
    /// How long what is on its way to other topics is waited for, before the producer is made anew.
    private static var grace: Duration { .seconds(3) }
    private static var glance: Duration { .milliseconds(20) }

    /// Runs `move`, which gives entries of `topic` other ones, once none of `topic` is on its way. What waits then leaves in order of
    /// acceptance, among what waits for `others`; what of those has left already stays before it.
    package func reroute(
        from topic: TopicName,
        to others: [TopicName],
        _ move: @Sendable () async throws(OutboxError) -> RerouteReport
    ) async throws(RearrangingFault) -> RerouteReport {
        open(others)
        let topics = [topic] + others
        try begin(topics)
        defer { end(topics) }
        guard await bringBack(topic, others) else { throw isStopping ? .stopping : .onItsWay }
        let report: RerouteReport
        do throws(OutboxError) { report = try await move() } catch { throw .outbox(error) }
        for moved in report.moves {
            logger.notice(
                "entries got another topic",
                metadata: ["from": "\(topic.text)", "to": "\(moved.to)", "waiting": "\(moved.waiting)", "dead": "\(moved.dead)"]
            )
        }
        return report
    }

    /// Runs `giveUp`, which gives an entry up that waits for `topic`; not while it is on its way.
    package func withdraw(
        _ sequence: Int64,
        of topic: TopicName,
        _ giveUp: @Sendable () async throws(OutboxError) -> Result<Void, RepairRefusal>
    ) async throws(RearrangingFault) -> Result<Void, RepairRefusal> {
        try begin([topic])
        defer { end([topic]) }
        let isBack = await comes(within: .seconds(2)) { !($0.lanes[topic]?.isOnItsWay(sequence) ?? false) }
        guard isBack else { throw isStopping ? .stopping : .onItsWay }
        do throws(OutboxError) { return try await giveUp() } catch { throw .outbox(error) }
    }

    private func begin(_ topics: [TopicName]) throws(RearrangingFault) {
        let mayBegin = state.withLock { state in
            guard !state.isRearranging else { return false }
            state.isRearranging = true
            for topic in topics { state.lanes[topic, default: Lane(window: settings.window)].withhold() }
            return true
        }
        guard mayBegin else { throw .busy }
    }

    private func end(_ topics: [TopicName]) {
        state.withLock { state in
            state.isRearranging = false
            for topic in topics { state.lanes[topic]?.resume() }
        }
        wake()
    }

    /// Waits until nothing of `topic` is on its way and, where that is soon, nothing of `others`: what comes back of those leaves after older
    /// events of its user. Where librdkafka keeps what it was given, for a partition without a leader, a new producer
    /// is made: the old one gives everything back. What is on its way to other topics is acknowledged first, where Kafka does it in time.
    private func bringBack(_ topic: TopicName, _ others: [TopicName]) async -> Bool {
        let isIdle = { @Sendable (topic: TopicName, state: State) in state.lanes[topic].map { $0.inFlightCount == 0 } ?? true }
        let isBack = { @Sendable (state: inout State) in isIdle(topic, state) }
        let areBack = await comes(within: Self.patience) { state in isIdle(topic, state) && others.allSatisfy { isIdle($0, state) } }
        if areBack || state.withLock({ isBack(&$0) }) { return true }
        guard !isStopping, !Task.isCancelled else { return false }
        let bystanders = state.withLock { state in
            let bystanders = state.lanes.filter { !$0.value.isWithheld }.map(\.key)
            for bystander in bystanders { state.lanes[bystander]?.withhold() }
            return bystanders
        }
        defer { state.withLock { state in for bystander in bystanders { state.lanes[bystander]?.resume() } } }
        _ = await comes(within: Self.grace) { state in
            state.lanes.allSatisfy { $0.key == topic || $0.value.inFlightCount == 0 }
        }
        logger.notice("the producer is made anew, so that it gives back what it holds for a topic", metadata: ["topic": "\(topic.text)"])
        state.withLock { $0.isBroken = true }
        wake()
        return await comes(within: Self.patience, isBack)
    }

    /// Waits until `condition` holds; false where it does not in time, or this task or the publisher ends.
    private func comes(within limit: Duration, _ condition: @Sendable (inout State) -> Bool) async -> Bool {
        let deadline = time.uptime() + limit
        while !state.withLock({ condition(&$0) }) {
            guard !isStopping, time.uptime() < deadline else { return false }
            do { try await clock.sleep(for: Self.glance) } catch { return false }
        }
        return true
    }
}
