import Foundation
import RelayKafka
import RelayTestSupport
import Testing

extension AcceptanceTests {
    @Suite("a restart with the socket held by a parent", .timeLimit(.minutes(5)))
    struct HandOverTests {
        @Test(
            "deliveries over connections of their own while the relay is restarted ten times: none is refused, each is answered 200 and once in Kafka"
        )
        func tenRestarts() async throws {
            let broker = try EmbeddedBroker()
            defer { broker.close() }
            try broker.createTopic(TopicContent.events, partitions: 6)
            let place = try RelayPlace(["kafka.bootstrap_servers": "[\(broker.bootstrapServers.joined(separator: ","))]"])
            defer { place.folder.remove() }
            let socket = try HeldSocket()
            let port = socket.port
            let requests = (0..<8000).map { Self.request(SampleUser($0).body(revision: 1), port: port) }
            var relay = try await RelayProcess(place, handing: socket)
            async let sending = blocking { FreshConnections(port: port, rate: 500).send(requests) }
            var statuses: [Int32] = []
            for _ in 0..<10 {
                _ = try await eventually { try await relay.metric("deliveries_total{outcome=\"accepted\"}") ?? 0 > 100 }
                statuses.append(await relay.end())
                relay = try await RelayProcess(place, handing: socket)
            }
            let report = await sending
            #expect(report.failures == [])
            #expect(report.statuses == [200: requests.count])
            #expect(statuses == Array(repeating: 0, count: 10))
            #expect(try await relay.isPublished(within: .seconds(30)))
            let topic = try await TopicContent(on: broker.bootstrapServers)
            #expect(topic.records.count == requests.count)
            #expect(topic.distinctIDs == requests.count)
            print("ten restarts: \(requests.count) deliveries opened over \(report.span), longest answer \(report.longest)")
            await relay.end()
        }

        @Test("the admin listener's socket can be held as well: who asks for its health between two relays is answered by the next")
        func admin() async throws {
            let place = try RelayPlace()
            defer { place.folder.remove() }
            let socket = try HeldSocket(as: "admin")
            let first = try await RelayProcess(place, handing: socket)
            #expect(first.admin == "http://127.0.0.1:\(socket.port)")
            #expect(await first.end() == 0)
            let health = "\(first.admin)/livez"
            async let answer = Command.run("curl", ["--silent", "--show-error", "--max-time", "60", "--write-out", "%{http_code}", health])
            let second = try await RelayProcess(place, handing: socket)
            let outcome = try await answer
            #expect(outcome.output.hasSuffix("200"), "\(outcome.errors)")
            #expect(second.deliveries != first.deliveries)
            #expect(await second.end() == 0)
        }

        @Test("what cannot be used as handed over ends the start with 78 and says why; what is meant for another process is passed over")
        func faults() async throws {
            let place = try RelayPlace()
            defer { place.folder.remove() }
            let serve = [RelayPlace.binary.path, "serve", "--config", place.configurationFile]
            for (wrapper, words) in [
                (HeldSocket.wrapper(names: "ingres"), "handed over as \"ingres\"; allowed: ingress and admin"),
                (HeldSocket.wrapper(count: "x"), "LISTEN_FDS is \"x\""),
                (HeldSocket.wrapper(names: "ingress:admin"), "LISTEN_FDNAMES names 2 sockets"),
                // Standard input is a file.
                (HeldSocket.wrapper(), "descriptor 3, handed over as ingress, is no socket"),
            ] {
                let outcome = try await Command.run("timeout", ["20", "env"] + wrapper + serve)
                #expect(outcome.status == 78)
                #expect(outcome.errors.contains(words), "\(outcome.errors)")
            }
            let relay = try await RelayProcess(place, environment: ["LISTEN_PID": "1", "LISTEN_FDS": "1"])
            #expect(try await Curl.deliver(SampleUser(1).body(revision: 1), to: relay.deliveries).status == 200)
            #expect(await relay.end() == 0)
        }

        private static func request(_ body: [UInt8], port: UInt16) -> [UInt8] {
            let signature = String(signing: body, with: RelayPlace.secret)
            let head =
                "POST /webhooks/argyle HTTP/1.1\r\nHost: 127.0.0.1:\(port)\r\nContent-Length: \(body.count)\r\nX-Argyle-Signature: \(signature)\r\n\r\n"
            return Array(head.utf8) + body
        }
    }

    @Suite("a relay under a service manager", .timeLimit(.minutes(5)))
    struct SupervisionTests {
        @Test("tells that it is ready, reloads, and stops")
        func notices() async throws {
            let place = try RelayPlace()
            defer { place.folder.remove() }
            let manager = try NotifyListener(in: place.folder.path)
            let relay = try await RelayProcess(place, environment: manager.environment)
            #expect(try await eventually { manager.lines.contains("READY=1") })
            relay.signal(SIGHUP)
            #expect(try await eventually { manager.lines.contains { $0.hasPrefix("MONOTONIC_USEC=") } })
            #expect(try await eventually { manager.lines.filter { $0 == "READY=1" }.count == 2 })
            #expect(try await eventually { manager.lines.contains { $0.hasPrefix("STATUS=deliveries are taken") } })
            #expect(await relay.end() == 0)
            #expect(
                manager.lines.filter { !$0.hasPrefix("STATUS=") && !$0.hasPrefix("MONOTONIC") } == [
                    "READY=1", "RELOADING=1", "READY=1", "STOPPING=1",
                ]
            )
        }

        @Test("feeds the watchdog until the writer stands still on its disk, and again when it moves")
        func watchdog() async throws {
            let place = try RelayPlace(["kafka.bootstrap_servers": "[\"127.0.0.1:1\"]"])
            defer { place.folder.remove() }
            let manager = try NotifyListener(in: place.folder.path)
            let faults = try await FaultShim()
            let watched = manager.environment.merging(faults.environment) { $1 }.merging(["WATCHDOG_USEC": "2000000"]) { $1 }
            let relay = try await RelayProcess(place, environment: watched)
            #expect(try await eventually { manager.feeds >= 3 })
            faults.isSyncHeld = true
            let url = relay.deliveries
            async let answer = Curl.deliver(SampleUser(1).body(revision: 1), to: url)
            #expect(try await eventually { relay.log.contains("the outbox writer stands still: the watchdog is fed no more") })
            faults.isSyncHeld = false
            #expect(try await answer.status == 200)
            #expect(try await eventually { relay.log.contains("the outbox writer moves again") })
            let fed = manager.feeds
            #expect(try await eventually { manager.feeds > fed })
            #expect(await relay.end() == 0)
        }
    }
}
