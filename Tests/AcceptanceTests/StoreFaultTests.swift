import Foundation
import RelayTestSupport
import Testing

extension AcceptanceTests {
    /// Faults of the store that no error code tells of.
    @Suite("a store that goes wrong silently", .timeLimit(.minutes(5)))
    struct StoreFaultTests {
        private let files = FileManager.default

        private func isStoreRed(_ relay: RelayProcess, _ code: String) async throws -> Bool {
            let readiness = try await relay.readiness()
            return readiness.status == 503 && readiness.text.contains(#""store":{"ok":false,"code":"\#(code)""#)
        }

        private func count(_ text: String, in log: String) -> Int { log.components(separatedBy: text).count - 1 }

        @Test("whose folder is renamed under load answers no 200 that a restart does not know, tells at once, and goes on when it is back")
        func renamed() async throws {
            let place = try RelayPlace(["kafka.bootstrap_servers": "[\"127.0.0.1:1\"]"])
            let data = place.folder.path + "/data"
            try await withRelay(place) { relay in
                let (progress, told) = AsyncStream.makeStream(of: Int.self, bufferingPolicy: .bufferingNewest(1))
                let users = (0..<32).map { SampleUser($0).bodies(revisions: 100) }
                async let load = LoadGenerator(relay.deliveries).send(users: users, connections: 8, patience: .stopsAtFailure) { count in
                    if count == 300 { told.finish() }
                }
                for await _ in progress {}
                try files.moveItem(atPath: data, toPath: data + "-moved")
                var report = try await load
                #expect(Set(report.statuses.keys) == [200, 503])
                try expectProblem(try await Curl.deliver(SampleUser(99).body(revision: 1), to: relay.deliveries), 503, "store_failed")
                #expect(try await isStoreRed(relay, "store_failed"))
                #expect(try await eventually { relay.log.contains("it is at \(data)-moved/outbox.sqlite now") })
                #expect(count("CRITICAL", in: relay.log) == 1)
                #expect(try #require(try await relay.metric("outbox_commit_failures_total")) > 0)

                try files.moveItem(atPath: data + "-moved", toPath: data)
                #expect(try await eventually { try await !isStoreRed(relay, "store_failed") })
                report.add(try await LoadGenerator(relay.deliveries).send(users: [SampleUser(100).bodies(revisions: 3)], connections: 1))
                #expect(report.statuses[200] == report.accepted.count)
                await relay.end(SIGKILL)
                let facts = Set(try await place.rows("SELECT lower(hex(id)) FROM facts"))
                #expect(Set(report.accepted.map { $0.replacing("-", with: "").lowercased() }).subtracting(facts) == [])
            }
        }

        @Test("whose file is removed tells so within a second though nothing comes")
        func removed() async throws {
            try await withRelay(try RelayPlace()) { relay in
                try files.removeItem(atPath: relay.place.outbox)
                let clock = ContinuousClock()
                let began = clock.now
                #expect(try await eventually { relay.log.contains("it was removed") })
                // A second, and one more for a machine that has other things to do.
                #expect(clock.now - began < .seconds(2))
                #expect(try await isStoreRed(relay, "store_failed"))
            }
        }

        @Test("whose disk does not answer has deliveries told so in time, is told of once, and stores what was under way once")
        func hanging() async throws {
            let shim = try await FaultShim()
            let place = try RelayPlace(["http.answer_timeout": "1s"])
            defer { place.folder.remove() }
            let relay = try await RelayProcess(place, environment: shim.environment)
            defer { relay.signal(SIGKILL) }
            let bodies = SampleUser(1).bodies(revisions: 2)
            #expect(try await Curl.deliver(bodies[0], to: relay.deliveries).status == 200)
            shim.isSyncHeld = true
            let clock = ContinuousClock()
            let began = clock.now
            try expectProblem(try await Curl.deliver(bodies[1], to: relay.deliveries), 503, "store_slow")
            #expect((.milliseconds(700) ... .milliseconds(2500)).contains(clock.now - began), "\(clock.now - began)")
            for user in 2..<5 {
                try expectProblem(try await Curl.deliver(SampleUser(user).body(revision: 1), to: relay.deliveries), 503, "store_slow")
            }
            #expect(try await isStoreRed(relay, "store_slow"))
            for (path, status) in [("/livez", 200), ("/metrics", 200), ("/v1/status", 200), ("/v1/events", 503)] {
                #expect(try await Curl.request([relay.admin + path]).status == status, "\(path)")
            }
            shim.isSyncHeld = false
            #expect(try await eventually { try await !isStoreRed(relay, "store_slow") })
            let again = try await Curl.deliver(bodies[1], to: relay.deliveries)
            #expect(again.status == 200 && again.body.contains("duplicate"))
            #expect(try await eventually { relay.log.contains("in time again") })
            #expect(count("the store does not answer in time", in: relay.log) == 1)
            #expect(await relay.end() == 0)
            #expect(try await place.rows("SELECT count(*) FROM facts") == ["2"])
        }

        @Test("whose disk does not answer holds up no stop: it ends with an error, and what was answered 200 is there")
        func hangingStop() async throws {
            let shim = try await FaultShim()
            let place = try RelayPlace(["http.answer_timeout": "1s", "kafka.bootstrap_servers": "[\"127.0.0.1:1\"]"])
            defer { place.folder.remove() }
            let relay = try await RelayProcess(place, environment: shim.environment)
            defer { relay.signal(SIGKILL) }
            let bodies = SampleUser(1).bodies(revisions: 2)
            #expect(try await Curl.deliver(bodies[0], to: relay.deliveries).status == 200)
            shim.isSyncHeld = true
            try expectProblem(try await Curl.deliver(bodies[1], to: relay.deliveries), 503, "store_slow")
            let clock = ContinuousClock()
            let began = clock.now
            #expect(await relay.end(SIGTERM) == 1)
            #expect(clock.now - began < .seconds(11), "\(clock.now - began)")
            #expect(try await eventually { relay.log.contains("ending without closing it") })
            shim.isSyncHeld = false
            let next = try await RelayProcess(place)
            defer { next.signal(SIGKILL) }
            #expect(try await Curl.deliver(bodies[0], to: next.deliveries).body.contains("duplicate"))
        }

        @Test("whose clock is 400 days ahead for one start forgets nothing and says what it does not count")
        func clock() async throws {
            let shim = try await FaultShim()
            let place = try RelayPlace()
            defer { place.folder.remove() }
            let bodies = SampleUser(1).bodies(revisions: 20)
            for offset in [0, 400, 0] {
                shim.wallClockOffset = .seconds(offset * 86_400)
                let relay = try await RelayProcess(place, environment: shim.environment)
                defer { relay.signal(SIGKILL) }
                if offset == 0 {
                    let report = try await LoadGenerator(relay.deliveries).send(users: [bodies], connections: 1)
                    #expect(report.statuses == [200: 20])
                    #expect(try await relay.isPublished(within: .seconds(20)))
                } else {
                    #expect(try await eventually { relay.log.contains("do not count towards outbox.retention") })
                    // Slices enough to forget all there is, were they to: four a second.
                    var seen: Set<String> = []
                    #expect(
                        try await eventually {
                            let status = try await Curl.request([relay.admin + "/v1/status"]).body
                            if let clock = status.firstRange(of: "retention stands at ") {
                                seen.insert(String(status[clock.lowerBound...]))
                            }
                            return seen.count > 16
                        }
                    )
                }
                #expect(await relay.end() == 0)
            }
            #expect(try await place.rows("SELECT count(*), sum(duplicates) FROM facts") == ["20|20"])
            #expect(try await place.rows("SELECT count(*) FROM entries") == ["20"])
            // Without a relay, doctor compares with what was written last.
            for (change, words) in [("+", "which is later"), ("- 2 *", "if no relay ran for so long")] {
                _ = try await place.rows("UPDATE ageing SET wall = wall \(change) 864000000")
                let doctor = try await place.run("doctor", "--config", place.configurationFile)
                #expect(doctor.output.contains("written last at") && doctor.output.contains(words), "\(doctor.output)")
            }
        }

        @Test("that is no file is refused in one sentence, with 78", arguments: ["link", "circle", "folder", "pipe", "folderLink"])
        func noFile(kind: String) async throws {
            let place = try RelayPlace()
            defer { place.folder.remove() }
            let data = place.folder.path + "/data"
            if kind == "folderLink" {
                try files.createSymbolicLink(atPath: data, withDestinationPath: data + "-away")
            } else {
                try files.createDirectory(atPath: data, withIntermediateDirectories: true)
            }
            switch kind {
            case "link": try files.createSymbolicLink(atPath: place.outbox, withDestinationPath: data + "/not-there")
            case "circle": try files.createSymbolicLink(atPath: place.outbox, withDestinationPath: place.outbox)
            case "folder": try files.createDirectory(atPath: place.outbox, withIntermediateDirectories: true)
            case "pipe": #expect(mkfifo(place.outbox, 0o600) == 0)
            default: break
            }
            let words = [
                "link": "it is a symbolic link to \(data)/not-there, which is not there", "circle": "leads in a circle",
                "folder": "it is a folder, no file", "pipe": "it is a named pipe, no file",
                "folderLink": "its folder is a symbolic link to \(data)-away, which is not there",
            ]
            let outcome = try await place.serveToItsEnd()
            #expect(outcome.status == 78)
            #expect(outcome.errors.contains(try #require(words[kind])), "\(outcome.errors)")
        }
    }
}
