package import RelayClient
import RelayCore
import Synchronization

/// Signs and sends deliveries over kept connections and counts the answers. Bounded by what it is given: each lane is a connection's worth
/// of deliveries, sent one after another.
package struct LoadGenerator: Sendable {
    package struct Report: Sendable {
        /// Answers by status.
        package var statuses: [Int: Int] = [:]
        /// 200s by the body's `status`.
        package var outcomes: [String: Int] = [:]
        /// The ids of what was accepted.
        package var accepted: [String] = []
        /// Requests that got no answer.
        package var failures: [String] = []
        var latencies: [Duration] = []

        package var answers: Int { statuses.values.reduce(0, +) }
        package var p50: Duration { percentile(50) }
        package var p99: Duration { percentile(99) }

        private func percentile(_ share: Int) -> Duration {
            let sorted = latencies.sorted()
            return sorted.isEmpty ? .zero : sorted[min(sorted.count - 1, sorted.count * share / 100)]
        }

        package init() {}

        package mutating func add(_ other: Report) {
            statuses.merge(other.statuses, uniquingKeysWith: +)
            outcomes.merge(other.outcomes, uniquingKeysWith: +)
            accepted += other.accepted
            failures += other.failures
            latencies += other.latencies
        }
    }

    /// What a lane does about a delivery that was not answered, or answered 503.
    package enum Patience: Sendable {
        /// Goes on to the next.
        case none
        /// Ends the lane.
        case stopsAtFailure
        /// Sends it again, until it is answered otherwise or the time is over.
        case retries(until: ContinuousClock.Instant)
    }

    private let url: String
    private let secret: String
    private let tls: TLSClientConfiguration
    private let pace: Duration

    /// - Parameter pace: the pause before each delivery of a lane, to stretch a load over what happens meanwhile.
    package init(
        _ url: String,
        secret: String = RelayPlace.secret,
        tls: TLSClientConfiguration = TLSClientConfiguration(),
        pace: Duration = .zero
    ) {
        self.url = url
        self.pace = pace
        self.secret = secret
        self.tls = tls
    }

    /// Sends each lane's bodies in order, all lanes at once, on as many connections.
    /// - Parameter onAnswer: called with the number of answers so far.
    package func send(
        _ lanes: [[[UInt8]]],
        patience: Patience = .none,
        onAnswer: @escaping @Sendable (Int) -> Void = { _ in }
    ) async throws -> Report {
        let client = try HTTPClient(configuration: HTTPClient.Configuration(maxConnections: lanes.count, tls: tls))
        let answered = Progress(onAnswer)
        let report = await withTaskGroup(of: Report.self) { group in
            for lane in lanes { group.addTask { await send(lane, client, patience, answered) } }
            return await group.reduce(into: Report()) { $0.add($1) }
        }
        await client.shutdown()
        return report
    }

    /// The same over `connections` lanes, among which whole users are dealt out.
    package func send(
        users: [[[UInt8]]],
        connections: Int,
        patience: Patience = .none,
        onAnswer: @escaping @Sendable (Int) -> Void = { _ in }
    ) async throws -> Report {
        var lanes = [[[UInt8]]](repeating: [], count: min(connections, max(1, users.count)))
        for (number, bodies) in users.enumerated() { lanes[number % lanes.count] += bodies }
        return try await send(lanes, patience: patience, onAnswer: onAnswer)
    }

    private func send(_ bodies: [[UInt8]], _ client: HTTPClient, _ patience: Patience, _ answered: Progress) async -> Report {
        var report = Report()
        let clock = ContinuousClock()
        var pending = bodies[...]
        while let body = pending.first {
            let headers = [("X-Argyle-Signature", String(signing: body, with: secret)), ("content-type", "application/json")]
            var mayGoOn = true
            if pace > .zero { try? await clock.sleep(for: pace) }
            let sent = clock.now
            do {
                let answer = try await client.execute(method: "POST", url: url, headers: headers, body: body)
                report.latencies.append(clock.now - sent)
                report.count(answer)
                answered.add()
                mayGoOn = answer.status != 503
            } catch {
                report.failures.append("\(error)")
                mayGoOn = false
            }
            if mayGoOn {
                pending.removeFirst()
                continue
            }
            switch patience {
            case .none: pending.removeFirst()
            case .stopsAtFailure: return report
            case .retries(let end):
                if clock.now >= end { return report }
                try? await clock.sleep(for: .milliseconds(50))
            }
        }
        return report
    }

    private final class Progress: Sendable {
        private let count = Atomic<Int>(0)
        private let tell: @Sendable (Int) -> Void

        init(_ tell: @escaping @Sendable (Int) -> Void) { self.tell = tell }

        func add() { tell(count.add(1, ordering: .relaxed).newValue) }
    }
}

extension LoadGenerator.Report {
    fileprivate mutating func count(_ answer: HTTPClientResponse) {
        statuses[answer.status, default: 0] += 1
        guard answer.status == 200 else { return }
        // {"status":"accepted","id":"…",…}
        let words = String(decoding: answer.body, as: UTF8.self).split(separator: "\"")
        guard words.count > 3 else { return }
        outcomes[String(words[3]), default: 0] += 1
        if words[3] == "accepted", words.count > 7 { accepted.append(String(words[7])) }
    }
}
