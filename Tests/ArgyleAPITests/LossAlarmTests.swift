import ArgyleAPI
import RelayAdmin
import RelayConfiguration
import RelayCore
import RelayTestSupport
import Synchronization
import Testing

@testable import ArgyleRelay

/// The alarm against Argyle's double, minute by minute.
@Suite("The loss alarm", .timeLimit(.minutes(2)))
struct LossAlarmTests {
    /// What the alarm is told of the world.
    private final class World: Sendable {
        let uptime = Mutex(Duration.zero)
        let arrived = Mutex<Timestamp?>(nil)
        let log = LogLines()
        let clock = SteppedClock()

        func alarm(_ configuration: RelayConfiguration, beginning: Timestamp) -> LossAlarm {
            LossAlarm(
                own: OwnSubscriptions(configuration),
                beginning: beginning,
                time: TimeSource(now: { Timestamp(milliseconds: 0) }, uptime: { self.uptime.withLock { $0 } }),
                clock: clock,
                logger: log.logger,
                random: { 0.5 },
                arrived: { self.arrived.withLock { $0 } }
            )
        }

        /// Lets a minute pass and Argyle be asked: the pause that follows.
        func minute() async -> Duration? {
            uptime.withLock { $0 += .seconds(60) }
            clock.step()
            return await clock.nextPause()
        }
    }

    private static func moment(_ text: String) throws -> Timestamp { try #require(Timestamp(text)) }

    private func configuration() -> RelayConfiguration {
        var configuration = RelayConfiguration()
        configuration.signature.secrets = [Secret("known")]
        return configuration
    }

    private func stored(_ id: String, secret: String, sent: String?, host: String = "relay.example") -> ArgyleDouble.Stored {
        .init(
            id: id,
            events: ["users.fully_synced"],
            name: "n",
            url: "https://\(host)/webhooks/argyle",
            secret: secret,
            last_sent_at: sent
        )
    }

    /// Runs `body` beside the alarm, whose client asks once a question.
    private func watching(
        beginning: Timestamp,
        _ body: (ArgyleDouble, LossAlarm, World) async throws -> Void
    ) async throws {
        try await withArgyle(retry: RetryPolicy(attempts: 1, longestPause: .zero)) { argyle, client, _ in
            let world = World()
            let alarm = world.alarm(configuration(), beginning: beginning)
            let running = Task { await alarm.run(asking: client) }
            #expect(await world.clock.nextPause() == .milliseconds(3600))
            let result: Result<Void, any Error>
            do { result = .success(try await body(argyle, alarm, world)) } catch { result = .failure(error) }
            running.cancel()
            await running.value
            try result.get()
        }
    }

    @Test("warns once that Argyle has sent what never arrived, and says once that deliveries arrive again")
    func episode() async throws {
        try await watching(beginning: try Self.moment("2026-11-25T08:00:00Z")) { argyle, alarm, world in
            #expect(alarm.report.subscriptions == nil && alarm.report.lagSeconds == nil)
            argyle.stored = [
                stored("id-1", secret: "known", sent: nil), stored("id-2", secret: "known", sent: "2026-11-25T09:00:00.500Z"),
                stored("staging", secret: "another", sent: "2026-11-25T11:00:00Z", host: "staging.example"),
            ]
            world.arrived.withLock { $0 = try? Self.moment("2026-11-25T08:59:59Z") }
            #expect(await world.minute() == .seconds(60))
            #expect(alarm.report.subscriptions == 2 && alarm.report.lagSeconds == 1 && !alarm.report.missing)

            argyle.stored[0].last_sent_at = "2026-11-25T10:00:00Z"
            for _ in 0..<5 { #expect(await world.minute() == .seconds(60)) }
            #expect(alarm.report.missing && alarm.report.lagSeconds == 3601)
            #expect(world.log.lines.count == 1, "\(world.log.lines)")
            #expect(world.log.lines.first?.contains("Argyle has sent since the last genuine delivery arrived") == true)
            #expect(world.log.lines.first?.contains("last_sent=2026-11-25T10:00:00.000Z") == true)

            world.arrived.withLock { $0 = try? Self.moment("2026-11-25T10:00:30Z") }
            #expect(alarm.report.lagSeconds == 0)
            for _ in 0..<3 { _ = await world.minute() }
            #expect(!alarm.report.missing)
            #expect(world.log.lines.count == 2 && world.log.lines.last?.contains("arrive again") == true)
            #expect(!world.log.lines.joined().contains("known"))
        }
    }

    @Test("a relay that has just started holds against Argyle only what was sent after its predecessor's end")
    func restart() async throws {
        try await watching(beginning: try Self.moment("2026-11-25T08:00:00Z")) { argyle, alarm, world in
            argyle.stored = [stored("id-1", secret: "known", sent: "2026-11-25T07:59:00Z")]
            for _ in 0..<3 { _ = await world.minute() }
            #expect(!alarm.report.missing && alarm.report.lagSeconds == 0 && alarm.report.lastArrived == nil)
            argyle.stored[0].last_sent_at = "2026-11-25T08:10:00Z"
            for _ in 0..<2 { _ = await world.minute() }
            #expect(alarm.report.missing && alarm.report.lagSeconds == 600)
        }
    }

    @Test("where no subscription signs with a secret of the relay's, all with its path count: the secret may be what is wrong")
    func foreignSecret() async throws {
        try await watching(beginning: try Self.moment("2026-11-25T08:00:00Z")) { argyle, alarm, world in
            argyle.stored = [stored("id-1", secret: "foreign", sent: "2026-11-25T09:00:00Z")]
            for _ in 0..<2 { _ = await world.minute() }
            #expect(alarm.report.missing)
            var changed = configuration()
            changed.http.path = "/elsewhere"
            alarm.adopt(OwnSubscriptions(changed))
            _ = await world.minute()
            #expect(alarm.report.subscriptions == 0 && !alarm.report.missing)
        }
    }

    @Test("an API that fails is asked ever more rarely, as it wishes, and its failure stands in the log once")
    func failing() async throws {
        try await watching(beginning: try Self.moment("2026-11-25T08:00:00Z")) { argyle, alarm, world in
            argyle.fail(
                .answer(status: 500),
                .answer(status: 429, headers: [("retry-after", "1000")]),
                .answer(status: 401, body: #"{"detail":"key-secret is not known"}"#)
            )
            let pauses = [await world.minute(), await world.minute(), await world.minute()]
            #expect(pauses == [.seconds(120), .seconds(1000), .seconds(900)])
            #expect(argyle.requests.count == 3)
            #expect(alarm.report.fault?.contains("401") == true && alarm.report.lagSeconds == nil)
            #expect(world.log.lines.count == 1, "\(world.log.lines)")
            #expect(await world.minute() == .seconds(60))
            #expect(alarm.report.fault == nil && world.log.lines.count == 2)
            #expect(!world.log.lines.joined().contains("key-secret"))
        }
    }
}
