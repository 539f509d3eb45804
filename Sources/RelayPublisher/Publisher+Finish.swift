import Logging
import RelayCore
import RelayKafka
import Synchronization

/// The end: what is in memory leaves as far as Kafka takes it in time, what is on its way is awaited, the rest waits on disk for the next start.
extension Publisher {
    /// How often it is looked whether anything still moves.
    private static var glance: Duration { .milliseconds(100) }
    /// A partition that has been still for so long holds the stop up no more.
    private static var stillness: Duration { .seconds(2) }

    /// Ends within ``Settings/drain``, with Kafka failing within 2 s, and with Kafka away for long within a fifth of one: that will not be back for
    /// this stop, and meanwhile nobody listens.
    func finish() async {
        let limit = state.withLock { $0.drain }
        let deadline = time.uptime() + min(limit, connectionFault == nil ? limit : isConnected ? .seconds(2) : .milliseconds(200))
        await sendWhatIsHeld(until: deadline)
        guard let producer = producer.withLock({ $0 }) else { return }
        let rest = max(.milliseconds(100), deadline - time.uptime())
        let isEmpty = await blocking {
            let isEmpty = producer.flush(timeout: rest)
            producer.close()
            return isEmpty
        }
        if !isEmpty { logger.warning("stopped with entries on their way; they are published after the next start") }
    }

    /// A user's events leave one after the other: what waits behind one that is on its way leaves as long as Kafka takes them.
    private func sendWhatIsHeld(until deadline: Duration) async {
        wake()
        async let _: Void = glanceAgain()
        for await _ in wakes {
            let uptime = time.uptime()
            if Task.isCancelled || uptime >= deadline || connectionFault != nil { break }
            send()
            if !isMoving(at: uptime) { break }
        }
    }

    /// Until cancelled.
    private func glanceAgain() async {
        while (try? await clock.sleep(for: Self.glance)) != nil { wake() }
    }

    private func isMoving(at uptime: Duration) -> Bool {
        state.withLock { $0.lanes.values.contains { $0.isMoving(at: uptime, stillFor: Self.stillness) } }
    }
}
