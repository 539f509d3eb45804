import Foundation
import RelayTestSupport
import Testing

extension AcceptanceTests {
    @Suite("a log that nobody reads", .timeLimit(.minutes(5)))
    struct UnreadLogTests {
        /// Events that are answered and logged, and not stored.
        private static let bodies = [[UInt8]](repeating: Array(#"{"event":"users.created"}"#.utf8), count: 2000)
        private static let lanes = 6

        @Test("holds up no delivery and no stop: lines are dropped and counted, and SIGTERM ends the relay with 0")
        func unread() async throws {
            let pipe = try LogPipe()
            try await withRelay(try RelayPlace(["log.level": "trace"]), log: pipe) { relay in
                try await flood(relay)
                let clock = ContinuousClock()
                let began = clock.now
                relay.signal(SIGTERM)
                #expect(try await eventually(within: .seconds(8)) { !relay.isRunning })
                #expect(clock.now - began < .seconds(8))
                if relay.isRunning { relay.signal(SIGKILL) }
                #expect(await relay.ended() == 0)
            }
        }

        @Test("tells how many lines are missing once it is read again, where they are missing, and loses none from then on")
        func readAgain() async throws {
            let pipe = try LogPipe()
            try await withRelay(try RelayPlace(["log.level": "trace", "log.format": "json"]), log: pipe) { relay in
                try await flood(relay)
                let dropped = try #require(try await relay.metric("log_lines_dropped_total"))
                pipe.startReading()
                #expect(try await eventually { pipe.text.contains("lines of the log were lost here") })
                await relay.end(SIGTERM)
                #expect(try await eventually { pipe.text.hasSuffix("}\n") && pipe.text.contains(#""message":"stopped""#) })
                let lines = try pipe.lines.dropLast().map {
                    try #require(try JSONSerialization.jsonObject(with: Data($0.utf8)) as? [String: String], "\($0)")
                }
                let notes = lines.compactMap { $0["lines"] }
                #expect(notes == ["\(Int(dropped))"])
                #expect(lines.filter { $0["message"] == "delivery answered" }.count + Int(dropped) >= Self.lanes * Self.bodies.count)
            }
        }

        @Test("the second SIGINT ends the relay at once with 130, though its last words find no room")
        func twice() async throws {
            let pipe = try LogPipe()
            try await withRelay(try RelayPlace(["log.level": "trace", "kafka.bootstrap_servers": "[\"127.0.0.1:1\"]"]), log: pipe) {
                relay in
                try await flood(relay)
                #expect(try await Curl.deliver(SampleUser(1).body(revision: 1), to: relay.deliveries).status == 200)
                relay.signal(SIGINT)
                #expect(try await eventually { (try? await relay.readiness())?.text.contains("stopping") != false })
                let clock = ContinuousClock()
                let began = clock.now
                relay.signal(SIGINT)
                #expect(try await eventually { !relay.isRunning })
                #expect(clock.now - began < .seconds(3))
                #expect(await relay.ended() == 130)
            }
        }

        @Test("a start that is refused ends with 78 all the same", arguments: Reader.allCases)
        func refused(reader: Reader) async throws {
            let place = try RelayPlace(["http.max_body": "0B"])
            defer { place.folder.remove() }
            let script = """
                mkfifo log; exec 4<>log; head -c 65536 /dev/zero >&4
                case $2 in full) exec 5>&4;; gone) exec 5> >(:); wait $!;; esac
                timeout 10 env --default-signal=PIPE "$0" serve --config "$1" 2>&5; echo "ended with $?"
                """
            let outcome = try await Command.run(
                "bash",
                ["-c", script, RelayPlace.binary.path, place.configurationFile, reader.rawValue],
                in: place.folder.url
            )
            #expect(outcome.output == "ended with 78\n", "\(outcome.errors)")
        }

        enum Reader: String, CaseIterable { case full, gone }

        private func flood(_ relay: RelayProcess) async throws {
            let lanes = [[[UInt8]]](repeating: Self.bodies, count: Self.lanes)
            let report = try await LoadGenerator(relay.deliveries).send(lanes, patience: .stopsAtFailure)
            #expect(report.statuses == [200: Self.lanes * Self.bodies.count])
            #expect(try await Curl.request([relay.admin + "/livez"]).status == 200)
            #expect(try await relay.metric("log_lines_dropped_total") ?? 0 > 0)
        }
    }
}
