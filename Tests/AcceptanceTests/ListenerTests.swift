import Foundation
import RelayTestSupport
import Testing

extension AcceptanceTests {
    @Suite("a listener that fails", .timeLimit(.minutes(5)))
    struct ListenerTests {
        @Test(
            "one accept that fails costs nobody anything: the connection is taken all the same, and the relay stays ready",
            arguments: [EPROTO, EHOSTUNREACH, EPERM, ECONNABORTED, ENETDOWN]
        )
        func oneFailure(code: Int32) async throws {
            try await withFaultyRelay { relay, faults in
                faults.failAccept(code, times: 1)
                let answer = try await Curl.deliver(SampleUser(1).body(revision: 1), to: relay.deliveries)
                #expect(answer.status == 200)
                #expect(faults.failedAccepts == 1)
                #expect(try await relay.isListening)
            }
        }

        @Test("while accepting fails the relay is not ready and says which listener; then it goes on at the same port")
        func row() async throws {
            try await withFaultyRelay { relay, faults in
                // Its connection to the admin listener stays open: none could be made later.
                #expect(try await relay.isListening)
                faults.failAccept(EPROTO, times: .max)
                let waiting = SilentConnections(1, to: relay.deliveries)
                defer { waiting.close() }
                let port = try #require(relay.deliveries.split(separator: "/").dropFirst().first)
                let isTold = try await eventually {
                    let (status, text) = try await relay.readiness()
                    return status == 503 && text.contains(#""listener":{"ok":false,"code":"not_listening","detail":"\#(port)"#)
                }
                #expect(isTold)
                // The pauses grow: a failing accept is no reason to spin.
                #expect(faults.failedAccepts < 40)
                faults.failAccept(0, times: 0)
                #expect(try await eventually { try await relay.isListening })
                #expect(try await Curl.deliver(SampleUser(1).body(revision: 1), to: relay.deliveries).status == 200)
                #expect(try await eventually { relay.log.contains("ERROR    the listener failed and is taken up again") })
                #expect(try await eventually { relay.log.contains("NOTICE   the listener accepts again") })
            }
        }

        @Test("a listener whose socket is of no use any more is bound again at its port, as soon as that can be had")
        func boundAgain() async throws {
            try await withFaultyRelay { relay, faults in
                #expect(try await relay.isListening)
                faults.bindError = EADDRINUSE
                faults.failAccept(EINVAL, times: 1)
                let lost = SilentConnections(1, to: relay.deliveries)
                defer { lost.close() }
                #expect(try await eventually { faults.failedBinds >= 3 })
                let (status, text) = try await relay.readiness()
                #expect(status == 503 && text.contains("Address already in use"), "\(text)")
                faults.bindError = nil
                #expect(try await eventually { try await relay.isListening })
                #expect(try await Curl.deliver(SampleUser(1).body(revision: 1), to: relay.deliveries).status == 200)
            }
        }

        @Test("a relay that may not bind again ends with 1, so that its supervisor starts it anew; what was accepted is in the outbox")
        func lost() async throws {
            try await withFaultyRelay { relay, faults in
                let answer = try await Curl.deliver(SampleUser(1).body(revision: 1), to: relay.deliveries)
                #expect(answer.status == 200)
                faults.bindError = EACCES
                faults.failAccept(EINVAL, times: 1)
                let lost = SilentConnections(1, to: relay.deliveries)
                defer { lost.close() }
                #expect(await relay.ended() == 1)
                #expect(try await eventually { relay.log.contains("cannot be listened on any more") }, "\(relay.log)")
                #expect(try await relay.place.rows("SELECT count(*) FROM entries") == ["1"])
            }
        }

        @Test("a stop while a listener is being bound again is a stop like any other", .timeLimit(.minutes(1)))
        func stopMeanwhile() async throws {
            try await withFaultyRelay { relay, faults in
                faults.bindError = EADDRINUSE
                faults.failAccept(EINVAL, times: 1)
                let lost = SilentConnections(1, to: relay.deliveries)
                defer { lost.close() }
                let isTrying = try await eventually { faults.failedBinds >= 3 }
                #expect(isTrying)
                #expect(await relay.end() == 0)
            }
        }
    }
}

extension RelayProcess {
    /// Whether `/readyz` finds the listeners well, whatever it says of Kafka.
    var isListening: Bool {
        get async throws { try await readiness().text.contains(#""listener":{"ok":true}"#) }
    }
}

/// Gives a relay to `body` whose kernel can be made to fail, and ends it after. It has no embedded broker, which would accept in the same process.
func withFaultyRelay(
    _ settings: [String: String] = [:],
    _ body: (RelayProcess, FaultShim) async throws -> Void
) async throws {
    let place = try RelayPlace(settings.merging(["kafka.bootstrap_servers": "[\"127.0.0.1:1\"]"]) { given, _ in given })
    defer { place.folder.remove() }
    let faults = try await FaultShim()
    let relay = try await RelayProcess(place, environment: faults.environment)
    do { try await body(relay, faults) } catch {
        await relay.end(9)
        throw error
    }
    await relay.end()
}
