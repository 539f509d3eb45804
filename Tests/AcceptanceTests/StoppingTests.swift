import Foundation
import RelayTestSupport
import Testing

extension AcceptanceTests {
    @Suite("stopping", .timeLimit(.minutes(5)))
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
                let left = try await place.rows("SELECT state, attempts, count(*) FROM outbox WHERE state <> 'published' GROUP BY 1, 2")
                #expect(left == [], "\(relay.log.suffix(3000))")
                #expect(try await place.rows("PRAGMA integrity_check") == ["ok"])
                #expect(try await eventually { relay.log.contains("stopped") })
            }
        }

        @Test(
            "SIGTERM with Kafka away ends in less than 5 s, with 0, though a probe or a topic's making is under way; entries wait for the next start",
            arguments: [false, true]
        )
        func away(createTopics: Bool) async throws {
            let place = try RelayPlace(["kafka.bootstrap_servers": "[\"127.0.0.1:1\"]", "kafka.create_topics": "\(createTopics)"])
            try await withRelay(place) { relay in
                let report = try await LoadGenerator(relay.deliveries).send(users: [SampleUser(1).bodies(revisions: 20)], connections: 1)
                #expect(report.statuses == [200: 20])
                #expect(try await knowsKafkaIsAway(relay))
                let clock = ContinuousClock()
                let began = clock.now
                #expect(await relay.end(SIGTERM) == 0)
                let took = clock.now - began
                #expect(took < .seconds(5), "\(took)")
                #expect(try await place.rows("SELECT count(*) FROM outbox WHERE state = 'pending'") == ["20"])
            }
        }

        @Test(
            "SIGTERM with brokers that stand still, connections open, ends in less than 8 s, with 0; entries wait for the next start",
            .enabled(if: KafkaCluster.isAvailable)
        )
        func frozen() async throws {
            try await withKafka(try await KafkaCluster()) { cluster in
                let place = try RelayPlace(cluster)
                try await withRelay(place) { relay in
                    let first = try await Curl.deliver(SampleUser(1).body(revision: 1), to: relay.deliveries)
                    #expect(first.status == 200)
                    #expect(try await relay.isPublished(within: .seconds(20)))
                    await cluster.freeze(1)
                    let report = try await LoadGenerator(relay.deliveries).send(
                        users: [SampleUser(2).bodies(revisions: 20)],
                        connections: 1
                    )
                    #expect(report.statuses == [200: 20])
                    let clock = ContinuousClock()
                    let began = clock.now
                    #expect(await relay.end(SIGTERM) == 0)
                    let took = clock.now - began
                    #expect(took < .seconds(8), "\(took)")
                    #expect(try await place.rows("SELECT count(*) FROM pending") == ["20"])
                    await cluster.thaw(1)
                }
            }
        }

        @Test("a delivery that is on its way when the stop begins is still taken, on a connection that then closes")
        func onItsWay() async throws {
            let place = try RelayPlace()
            try await withRelay(place) { relay in
                let body = SampleUser(1).body(revision: 1)
                // The relay has read the head when it says 100, and stops when it refuses new connections; only then does the body come.
                let script = """
                    rest=${0#*://}; address=${rest%%/*}
                    exec 3<>"/dev/tcp/${address%:*}/${address##*:}"
                    printf 'POST /%s HTTP/1.1\r\nHost: %s\r\nX-Argyle-Signature: %s\r\nContent-Length: %d\r\nExpect: 100-continue\r\n\r\n' \
                        "${rest#*/}" "$address" "$2" ${#1} >&3
                    read -r continue <&3 && read -r empty <&3
                    kill -TERM "$3"
                    while (exec 4<>"/dev/tcp/${address%:*}/${address##*:}") 2>/dev/null; do :; done
                    printf %s "$1" >&3
                    timeout 15 cat <&3
                    """
                let signature = String(signing: body, with: RelayPlace.secret)
                let text = String(decoding: body, as: UTF8.self)
                let arguments = ["-c", script, relay.deliveries, text, signature, "\(relay.processIdentifier)"]
                let answer = try Curl(try await Command.run("bash", arguments))
                #expect(answer.status == 200)
                #expect(answer.headers["connection"] == "close")
                #expect(await relay.ended() == 0)
                #expect(try await place.rows("SELECT user, state FROM outbox") == ["\(SampleUser(1).id)|published"])
            }
        }

        @Test("SIGINT drains as SIGTERM does, and the second one ends at once with 130")
        func twice() async throws {
            // Nobody takes the entry, so the drain would go on.
            let place = try RelayPlace(["kafka.bootstrap_servers": "[\"127.0.0.1:1\"]"])
            try await withRelay(place) { relay in
                let stored = try await Curl.deliver(SampleUser(1).body(revision: 1), to: relay.deliveries)
                #expect(stored.status == 200)
                #expect(try await knowsKafkaIsAway(relay))
                relay.signal(SIGINT)
                #expect(try await eventually { relay.log.contains("stopping:") })
                #expect(relay.isRunning)
                let clock = ContinuousClock()
                let began = clock.now
                #expect(await relay.end(SIGINT) == 130)
                #expect(clock.now - began < .seconds(3))
                #expect(try await eventually { relay.log.contains("interrupted twice") })
                #expect(try await place.rows("SELECT state FROM outbox") == ["pending"])
            }
        }

        /// Waits until it does. Which of the two comes last differs between versions of librdkafka.
        private func knowsKafkaIsAway(_ relay: RelayProcess) async throws -> Bool {
            try await eventually {
                let text = try await relay.readiness().text
                return ["all_brokers_down", "transport"].contains { text.contains("\"code\":\"\($0)\"") }
            }
        }
    }
}
