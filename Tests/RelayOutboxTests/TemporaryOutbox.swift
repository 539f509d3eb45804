import Dispatch
import Foundation
import RelayCore
import RelayMetrics
import Synchronization

@testable import RelayOutbox

/// An SQLite outbox in a folder of its own, which goes when this does; its time is set by the test.
final class TemporaryOutbox: StoreUnderTest {
    let folder: String
    let time: ManualTime
    let beats: ManualBeats
    private let recentFacts: Int
    var path: String { folder + "/outbox.sqlite" }

    /// - Parameter recentFacts: how many facts gather in memory before they are filed.
    init(recentFacts: Int = 16_384) throws {
        self.recentFacts = recentFacts
        folder = NSTemporaryDirectory() + "argyle-relay-" + UUID().uuidString
        time = ManualTime()
        beats = ManualBeats()
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    }

    deinit { try? FileManager.default.removeItem(atPath: folder) }

    func open(maxPending: Int, resent: ResentPolicy) throws -> any OutboxStore {
        try outbox {
            $0.maxPending = maxPending
            $0.resent = resent
        }
    }

    var now: Timestamp { time.now }
    func pass(_ duration: Duration) { time.advance(duration) }

    /// - Parameter topic: of events, as configured.
    func outbox(at path: String? = nil, topic: String = "argyle.{event}", _ change: (inout OutboxLimits) -> Void = { _ in })
        throws(OutboxError) -> SQLiteOutbox
    {
        var limits = OutboxLimits(
            maxPending: 1000,
            minFreeDisk: 0,
            entryRetention: .seconds(7 * 86_400),
            factRetention: .seconds(365 * 86_400)
        )
        change(&limits)
        guard let routing = TopicRouting(template: topic, deadLetters: "argyle.dead-letter") else { throw .unroutable }
        var settings = SQLiteOutbox.Settings(source: "https://api.argyle.com/v2", includesRaw: false, routing: routing, limits: limits)
        settings.recentFacts = recentFacts
        return try SQLiteOutbox(
            path: path ?? self.path,
            settings: settings,
            meters: OutboxMeters(MetricsRegistry()),
            time: time.source,
            clock: beats
        )
    }

    /// Opens an outbox, runs it around `body` and waits until it is closed.
    func withOutbox<Value: Sendable>(
        topic: String = "argyle.{event}",
        _ change: (inout OutboxLimits) -> Void = { _ in },
        _ body: (SQLiteOutbox) async throws -> Value
    ) async throws -> Value {
        let outbox = try outbox(topic: topic, change)
        return try await running(outbox) { try await body(outbox) }
    }
}

extension SQLiteOutbox {
    /// The first column of the first row of `sql`, asked on the writer's own connection.
    func integer(_ sql: String) async throws -> Int64 {
        try await visit { writer throws(SQLiteError) in try writer.connection.integer(sql) }
    }

    func execute(_ sql: String) async throws {
        try await visit { writer throws(SQLiteError) in try writer.connection.execute(sql) }
    }

    /// Holds the writer between two transactions while `body` runs; it stands still when that begins.
    func holdingWriter<Value>(_ body: () async throws -> Value) async throws -> Value {
        let gate = DispatchSemaphore(value: 0)
        let (entered, enter) = AsyncStream<Void>.makeStream()
        try mailbox.visit(
            Mailbox.Visit(
                run: { _ in
                    enter.finish()
                    gate.wait()
                },
                refuse: { _ in }
            )
        )
        for await _ in entered {}
        defer { gate.signal() }
        return try await body()
    }
}

/// A time that goes on when it is told to.
final class ManualTime: Sendable {
    private struct State {
        var moment = SampleFact.start
        /// By which the wall clock is wrong.
        var error = Duration.zero
        var boot = "boot-1"
    }

    private let state = Mutex(State())

    /// What the wall clock shows.
    var now: Timestamp { state.withLock { $0.moment.advanced(by: $0.error) } }
    func advance(_ duration: Duration) { state.withLock { $0.moment = $0.moment.advanced(by: duration) } }
    /// Sets the wall clock wrong, so that it shows so much more than the time.
    func setWrong(by error: Duration) { state.withLock { $0.error = error } }
    /// Has the machine start again: nobody can tell how long it was off.
    func reboot() { state.withLock { $0.boot += "'" } }

    private var elapsed: Duration { state.withLock { .milliseconds($0.moment.milliseconds) } }

    var source: TimeSource {
        TimeSource(
            now: { self.now },
            uptime: { self.elapsed },
            sinceBoot: { TimeSource.BootTime(id: self.state.withLock { $0.boot }, elapsed: self.elapsed) }
        )
    }
}

/// A clock whose sleepers wake when ``beat()`` is called, however long they wanted to sleep.
final class ManualBeats: Clock {
    private let stream: AsyncStream<Void>
    private let wakeUp: AsyncStream<Void>.Continuation

    init() { (stream, wakeUp) = AsyncStream.makeStream() }

    var now: ContinuousClock.Instant { ContinuousClock.now }
    var minimumResolution: Duration { .nanoseconds(1) }

    func sleep(until deadline: ContinuousClock.Instant, tolerance: Duration?) async throws {
        for await _ in stream { return }
        throw CancellationError()
    }

    func beat() { wakeUp.yield() }
}
