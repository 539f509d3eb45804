import Logging
package import RelayCore
import RelayKafka
import RelayMetrics
package import RelayOutbox
import Synchronization

/// Where the publisher finds replays and writes down how far they are.
package protocol ReplayBooks: Sendable {
    func nextReplay() async throws(OutboxError) -> ReplayRecord?
    func entries(
        of replay: ReplayRecord,
        after position: Int64?,
        limit: Int
    ) async throws(OutboxError) -> (entries: [OutboxEntry], next: Int64?, damaged: [Int64])
    func record(_ outcomes: [ReplayOutcome], of id: EventID, position: Int64, isFinished: Bool) async throws(OutboxError)
}

extension SQLiteOutbox: ReplayBooks {}

/// Publishing once more what was published before, one replay after the other, whenever the live entries leave room.
extension Publisher {
    /// Looks for a replay that is to be begun.
    package func wakeReplays() { replayWaker.yield() }

    /// Carries out replays from `books` until the publisher stops; a replay that is not done then goes on after the next start.
    package func runReplays(from books: any ReplayBooks) async {
        wakeReplays()
        await withTaskGroup(of: Void.self) { group in
            group.addTask { await self.closeReplaysAtStop() }
            for await _ in replayWakes {
                if isStopping { break }
                for _ in 0..<replayAlarms.takeRung() { await group.next() }
                guard let next = await replayStep(books), replayAlarms.arm(next) else { continue }
                group.addTask { await self.wakeReplays(at: next) }
            }
            group.cancelAll()
        }
    }

    private func wakeReplays(at uptime: Duration) async {
        await sleep(until: uptime)
        replayAlarms.rang(uptime)
        wakeReplays()
    }

    private func closeReplaysAtStop() async {
        for await _ in replayEnd {}
        wakeReplays()
    }

    /// One round. Answers when to look again if nothing else happens.
    private func replayStep(_ books: any ReplayBooks) async -> Duration? {
        do throws(OutboxError) {
            if replay.withLock({ $0 == nil }) {
                guard let record = try await books.nextReplay() else { return nil }
                replay.withLock { $0 = ReplayRun(record) }
                logger.notice("replay begins", metadata: ["replay": "\(record.id)", "events": "\(record.total)", "done": "\(record.done)"])
            }
            if let (record, request) = replay.withLock({ run in run.flatMap { run in run.readRequest.map { (run.record, $0) } } }) {
                let found = try await books.entries(of: record, after: request.after, limit: request.limit)
                let (now, uptime) = (time.now(), time.uptime())
                state.withLock { $0.replayTopics.formUnion(found.entries.lazy.map(\.topic)) }
                replay.withLock {
                    $0?.supplied(found.entries, damaged: found.damaged, next: found.next, at: now, uptime: uptime)
                }
            }
            if liveIsQuiet { sendReplay() }
            try await writeDownProgress(books)
        } catch {
            logger.log(level: error == .slow ? .debug : .error, "a replay cannot go on yet", metadata: ["error": "\(error)"])
            return time.uptime() + .seconds(1)
        }
        let uptime = time.uptime()
        if !liveIsQuiet { return uptime + .milliseconds(20) }
        return replay.withLock { run in
            guard let run else { return uptime }
            return run.readRequest != nil ? uptime : run.nextLook(at: uptime)
        }
    }

    /// Whether the live entries leave room: no lane has trouble or a backlog, but for partitions that take nothing, and little is on its way.
    private var liveIsQuiet: Bool {
        let uptime = time.uptime()
        return state.withLock { state in
            // Whose number of partitions was not even asked for would pass over all of them for the sake of one.
            !state.isBroken && state.replayTopics.allSatisfy { state.countsAsked[$0] != nil }
                && state.lanes.values.allSatisfy { $0.isQuiet(at: uptime) }
        }
    }

    private func sendReplay() {
        guard let producer = producer.withLock({ $0 }) else { return }
        let uptime = time.uptime()
        let counts = state.withLock { $0.partitionCounts }
        let departures = replay.withLock { run in
            run?.setPartitionCounts(counts)
            return run?.departures(at: uptime) ?? []
        }
        guard !departures.isEmpty else { return }
        let messages = messages(of: departures, isReplay: true)
        let (taken, refusals) = producer.publish(messages)
        if taken < departures.count {
            replay.withLock { run in
                for entry in departures[taken...] { run?.turnedBack(entry.sequence, until: uptime + .milliseconds(100)) }
            }
        }
        var reports: [DeliveryReport] = []
        for (position, result) in refusals {
            if case .rejected(let outcome) = result { reports.append(DeliveryReport(token: messages[position].token, outcome: outcome)) }
        }
        if !reports.isEmpty { arrived(reports) }
    }

    /// A report on an entry of a replay, on the producer's poll thread.
    func replayArrived(_ report: DeliveryReport, at now: Timestamp, uptime: Duration, within bounds: BackOff.Bounds) {
        let arrival = replay.withLock {
            $0?.arrived(-report.token, report.outcome, at: now, uptime: uptime, within: bounds, random: .random(in: 0...1))
        }
        switch (arrival, report.outcome) {
        case (.published, _): meters.replayed.add()
        case (.dead, .dead(let code, _)), (.failed, .retry(let code, _)), (.failed, .fatal(let code, _)): meters.failures[code].add()
        default: break
        }
        guard case (.failed(let entry), .retry(RefusedTimestamps.code, _)) = (arrival, report.outcome) else { return }
        guard state.withLock({ $0.refusedTimestamps.isToBeTold(at: uptime) }) else { return }
        log(.timestampRefused(entry.topic, timestamp(of: entry, at: now), now))
    }

    private func writeDownProgress(_ books: any ReplayBooks) async throws(OutboxError) {
        let uptime = time.uptime()
        let due = replay.withLock { run -> (ReplayRecord, [ReplayOutcome], Int64, Bool)? in
            guard var now = run, let progress = now.takeProgress(at: uptime) else { return nil }
            run = now
            return (now.record, progress.outcomes, progress.position, now.isFinished)
        }
        guard let (record, outcomes, position, isFinished) = due else { return }
        do throws(OutboxError) {
            try await books.record(outcomes, of: record.id, position: position, isFinished: isFinished)
        } catch {
            replay.withLock { $0?.putBack(outcomes, at: uptime) }
            throw error
        }
        guard isFinished else { return }
        replay.withLock { $0 = nil }
        state.withLock { $0.replayTopics = [] }
        logger.notice("replay is done", metadata: ["replay": "\(record.id)"])
    }

    /// To be called after ``run()`` has ended: what was acknowledged by now is not published again after the next start.
    package func finishReplay(in books: any ReplayBooks) async {
        let rest = replay.withLock { run in
            defer { run = nil }
            return run.map { run in
                var run = run
                return (run.record, run.takeRest(), run.isFinished)
            }
        }
        guard let (record, progress, isFinished) = rest else { return }
        do throws(OutboxError) {
            try await books.record(progress.outcomes, of: record.id, position: progress.position, isFinished: isFinished)
        } catch {
            logger.warning("a replay's last progress could not be written down", metadata: ["replay": "\(record.id)", "error": "\(error)"])
        }
    }
}
