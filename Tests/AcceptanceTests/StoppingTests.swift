import Foundation
import RelayTestSupport
import Testing

extension AcceptanceTests {
    @Suite("stopping")
    struct StoppingTests {
        @Test("SIGTERM under load loses no accepted delivery, publishes what it has, and ends with 0")
        func drains() async throws {
            let place = try RelayPlace()
            try await withRelay(place) { relay in
                let (progress, told) = AsyncStream.makeStream(of: Int.self, bufferingPolicy: .bufferingNewest(1))
                let users = (0..<64).map { SampleUser($0).bodies(revisions: 100) }
                async let load = LoadGenerator(relay.deliveries).send(users: users, connections: 16, patience: .stopsAtFailure) { count in
                    if count == 500 { told.finish() }
                }
                for await _ in progress {}
                #expect(await relay.end(SIGTERM) == 0)
                let report = try await load
                #expect(report.accepted.count >= 500)
                #expect(report.accepted.count < 6400)
                #expect(Set(report.statuses.keys).isSubset(of: [200, 503]))
                let facts = Set(try await place.rows("SELECT lower(hex(id)) FROM facts"))
                #expect(Set(report.accepted.map { $0.replacing("-", with: "").lowercased() }).subtracting(facts) == [])
                #expect(try await place.rows("SELECT count(*) FROM entries WHERE state <> 'published'") == ["0"])
                #expect(try await place.rows("PRAGMA integrity_check") == ["ok"])
                #expect(relay.log.contains("stopped"))
            }
        }

        @Test("SIGINT drains as SIGTERM does, and the second one ends at once with 130")
        func twice() async throws {
            // Nobody takes the entry, so the drain would go on.
            let place = try RelayPlace(["kafka.bootstrap_servers": "[\"127.0.0.1:1\"]"])
            try await withRelay(place) { relay in
                let stored = try await Curl.deliver(SampleUser(1).body(revision: 1), to: relay.deliveries)
                #expect(stored.status == 200)
                relay.signal(SIGINT)
                #expect(try await eventually { relay.log.contains("stopping:") })
                #expect(relay.isRunning)
                let clock = ContinuousClock()
                let began = clock.now
                #expect(await relay.end(SIGINT) == 130)
                #expect(clock.now - began < .seconds(3))
                #expect(relay.log.contains("interrupted twice"))
                #expect(try await place.rows("SELECT state FROM entries") == ["pending"])
            }
        }
    }
}
