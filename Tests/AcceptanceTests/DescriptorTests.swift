import Foundation
import RelayTestSupport
import Testing

extension AcceptanceTests {
    @Suite("descriptors", .timeLimit(.minutes(5)))
    struct DescriptorTests {
        @Test("more silent connections than descriptors: health, metrics and new senders are served, and nothing spins")
        func silentConnections() async throws {
            let place = try RelayPlace()
            defer { place.folder.remove() }
            let relay = try await RelayProcess(place, under: ["prlimit", "--nofile=300:300"])
            #expect(relay.log.contains("http.max_connections is 1024, and the limit of 300 open files"))
            let silent = SilentConnections(400, to: relay.deliveries)
            defer { silent.close() }
            #expect(try await Curl.request([relay.admin + "/livez"]).status == 200)
            #expect(try await Curl.request([relay.admin + "/metrics"]).status == 200)
            for number in 0..<5 {
                #expect(try await Curl.deliver(SampleUser(number).body(revision: 1), to: relay.deliveries).status == 200)
            }
            #expect(!relay.log.contains("cannot accept connections"))
            let used = try #require(relay.processorTime)
            #expect(used < .seconds(3))
            #expect(relay.descriptors.count < 300)
            #expect(await relay.end() == 0)
        }

        @Test(
            "accepting pauses while the kernel has no descriptors or memory: one line, no spinning, and one when it is over",
            arguments: [EMFILE, ENFILE, ENOBUFS, ENOMEM]
        )
        func pause(code: Int32) async throws {
            try await withFaultyRelay { relay, faults in
                #expect(try await relay.isListening)
                faults.failAccept(code, times: .max)
                let waiting = SilentConnections(1, to: relay.deliveries)
                defer { waiting.close() }
                let before = try #require(relay.processorTime)
                let began = ContinuousClock.now
                #expect(try await eventually { faults.failedAccepts >= 8 })
                // Between eight tries lie seven pauses of a quarter of a second.
                #expect(ContinuousClock.now - began > .seconds(1))
                let after = try #require(relay.processorTime)
                #expect(after - before < .milliseconds(500))
                // On a connection that was open already.
                #expect(try await relay.isListening)
                faults.failAccept(0, times: 0)
                #expect(try await Curl.deliver(SampleUser(1).body(revision: 1), to: relay.deliveries).status == 200)
                #expect(try await eventually { relay.log.contains("NOTICE   connections are accepted again") })
                #expect(relay.log.components(separatedBy: "cannot accept connections").count == 2, "\(relay.log)")
            }
        }

        @Test("with every descriptor in use elsewhere the admin listener still takes a connection at a time")
        func spare() async throws {
            let place = try RelayPlace()
            defer { place.folder.remove() }
            let relay = try await RelayProcess(place, under: ["prlimit", "--nofile=2000:2000"])
            // From here on only numbers below are to be had, and these connections take them.
            let limit = try #require(relay.descriptors.max()) + 1
            let lowered = try await Command.run("prlimit", ["--pid", "\(relay.processIdentifier)", "--nofile=\(limit):\(limit)"])
            #expect(lowered.status == 0, "\(lowered.errors)")
            let silent = SilentConnections(20, to: relay.deliveries)
            defer { silent.close() }
            #expect(try await eventually { relay.log.contains("cannot accept connections") })
            #expect(try await Curl.request([relay.admin + "/livez"]).status == 200)
            #expect(try await Curl.request([relay.admin + "/metrics"]).status == 200)
            // Answered, whatever it says of a broker that lacks descriptors too.
            #expect(try await Curl.request([relay.admin + "/readyz"]).body.contains(#""listener":{"ok":true}"#))
            #expect(await relay.end() == 0)
        }

        @Test("with too few even to start the relay says so and ends with 78", arguments: [40, 100, 200])
        func tooFew(limit: Int) async throws {
            let place = try RelayPlace()
            defer { place.folder.remove() }
            let arguments = [
                "--nofile=\(limit):\(limit)", "timeout", "20", RelayPlace.binary.path, "serve", "--config", place.configurationFile,
            ]
            let outcome = try await Command.run("prlimit", arguments, in: place.folder.url)
            #expect(outcome.status == 78)
            #expect(outcome.errors.contains("the limit of open files is \(limit), and at least"), "\(outcome.errors)")
        }

        @Test("the soft limit is raised to the hard one")
        func raised() async throws {
            let place = try RelayPlace()
            defer { place.folder.remove() }
            let relay = try await RelayProcess(place, under: ["prlimit", "--nofile=256:1500"])
            let limits = try String(contentsOfFile: "/proc/\(relay.processIdentifier)/limits", encoding: .utf8)
            let line = try #require(limits.split(separator: "\n").first { $0.hasPrefix("Max open files") })
            #expect(line.split(separator: " ").compactMap { Int($0) } == [1500, 1500])
            #expect(!relay.log.contains("http.max_connections is"))
            await relay.end()
        }

        @Test(
            "connections that were refused once or never say anything keep no new sender out",
            arguments: ["refused", "silent", "empty lines"]
        )
        func places(kind: String) async throws {
            try await withRelay(try RelayPlace(["http.max_connections": "32"])) { relay in
                let strangers = SilentConnections(32, to: relay.deliveries)
                defer { strangers.close() }
                switch kind {
                case "refused": strangers.send("GET / HTTP/1.1\r\nHost: h\r\n\r\n")
                case "empty lines": strangers.send("\r\n")
                default: break
                }
                for number in 0..<4 {
                    let answer = try await Curl.deliver(SampleUser(number).body(revision: 1), to: relay.deliveries)
                    #expect(answer.status == 200)
                }
            }
        }
    }
}
