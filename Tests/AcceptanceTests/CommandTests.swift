import Foundation
import RelayTestSupport
import Testing

extension AcceptanceTests {
    @Suite("commands on an outbox", .timeLimit(.minutes(5)))
    struct CommandTests {
        @Test("each command tells the same of a running relay and of its file alone")
        func bothWays() async throws {
            let operated = try OperatedPlace()
            defer { operated.place.folder.remove() }
            let relay = try await RelayProcess(operated.place)
            let user = SampleUser(7)
            let first = try members(try await Curl.deliver(user.body(revision: 1), to: relay.deliveries))
            let id = try #require(first["id"] as? String)
            #expect(try await Curl.deliver(user.body(revision: 1, repeated: true), to: relay.deliveries).status == 200)
            #expect(try await Curl.deliver(user.body(revision: 2), to: relay.deliveries).status == 200)
            #expect(try await Curl.deliver(Array("no JSON".utf8), to: relay.deliveries).status == 200)
            #expect(try await relay.isPublished(within: .seconds(20)))
            try await expectAnswers(operated, id, user, isRunning: true)
            #expect(await relay.end() == 0)
            try await expectAnswers(operated, id, user, isRunning: false)
        }

        @Test("75 while a relay holds the file and none answers at admin.port; the file and the relay are left alone")
        func locked() async throws {
            let operated = try OperatedPlace()
            try await withRelay(operated.place) { relay in
                #expect(try await Curl.deliver(SampleUser(1).body(revision: 1), to: relay.deliveries).status == 200)
                let elsewhere = "admin.port=\(try #require(try FreePorts.take(1).first))"
                let commands = [
                    ["status"], ["outbox", "list"], ["outbox", "show", UUID().uuidString], ["outbox", "why", SampleUser(1).id],
                    ["outbox", "export"], ["outbox", "check"], ["outbox", "backup", "copy.sqlite"], ["outbox", "replay", "--dry-run"],
                    ["outbox", "retry", "--all"],
                ]
                for command in commands {
                    let outcome = try await operated.command(command + ["--set", elsewhere])
                    #expect(outcome.status == 75, "\(command) \(outcome.output)")
                    #expect(outcome.output == "", "\(command)")
                    #expect(outcome.errors.contains("is in use"), "\(command) \(outcome.errors)")
                    #expect(outcome.errors.contains("admin.port"), "\(command)")
                }
                #expect(!FileManager.default.fileExists(atPath: operated.place.folder.path + "/copy.sqlite"))
                #expect(try await Curl.deliver(SampleUser(2).body(revision: 1), to: relay.deliveries).status == 200)
            }
        }

        @Test("75 while the relay hangs, within 10 s, and all is well when it goes on")
        func hanging() async throws {
            let operated = try OperatedPlace()
            try await withRelay(operated.place) { relay in
                relay.signal(SIGSTOP)
                let clock = ContinuousClock()
                let began = clock.now
                let outcome = try await operated.command("status")
                let took = clock.now - began
                relay.signal(SIGCONT)
                #expect(outcome.status == 75, "\(outcome.output)")
                #expect(outcome.errors.contains("whether it hangs"), "\(outcome.errors)")
                #expect(took < .seconds(10))
                #expect(try await operated.command("status").output.contains("running, argyle-relay"))
            }
        }

        private func expectAnswers(_ operated: OperatedPlace, _ id: String, _ user: SampleUser, isRunning: Bool) async throws {
            let status = try await expectDone(operated, "status", "--json")
            let figures = try #require(status.objects.first)
            #expect(figures["running"] as? Bool == isRunning)
            #expect((figures["configuration"] is String) == isRunning)
            #expect(figures["accepted"] as? Int == 3)
            #expect(figures["published"] as? Int == 3)
            #expect(figures["pending"] as? Int == 0)
            #expect(figures["dead"] as? Int == 0)
            let screen = try await expectDone(operated, "status")
            #expect(screen.output.contains(isRunning ? "running, argyle-relay" : "not running"))

            let list = try await expectDone(operated, "outbox", "list", "--json")
            #expect(list.objects.count == 3)
            #expect(list.objects.last?["id"] as? String == id)
            let ofUser = try await expectDone(operated, "outbox", "list", "--user", user.id)
            #expect(ofUser.output.contains("grown #2"))
            #expect(ofUser.output.split(separator: "\n").count == 3)

            let show = try await expectDone(operated, "outbox", "show", id, "--data")
            let event = try #require(show.objects.first)
            #expect(event["user"] as? String == user.id)
            #expect(event["state"] as? String == "published")
            #expect(event["duplicates"] as? Int == 1)
            #expect((event["suppressed"] as? [Any])?.count == 1)
            #expect((event["data"] as? String)?.contains("\"external_metadata\":{\n        \"rate\": 1.10\n      }") == true)

            let why = try await expectDone(operated, "outbox", "why", user.id)
            #expect(why.output.contains("the user's fact number 1, the first set"))
            #expect(why.output.contains("the user's fact number 2, a larger set"))
            #expect(why.output.contains("One copy came later and was suppressed"))
            #expect(why.output.contains("It is in Kafka: topic \(TopicContent.events)"))
            let whyEvent = try await expectDone(operated, "outbox", "why", id)
            #expect(whyEvent.output.contains("number 1"))
            #expect(!whyEvent.output.contains("number 2"))

            let export = try await expectDone(operated, "outbox", "export", "--data")
            #expect(export.objects.map { $0["sequence"] as? Int } == [1, 2, 3])
            #expect(export.objects.first?["id"] as? String == id)

            let check = try await expectDone(operated, "outbox", "check", "--json")
            #expect((check.objects.first?["faults"] as? [Any])?.isEmpty == true)
            #expect(check.objects.first?["entries"] as? Int == 3)

            let copy = "copy-\(isRunning).sqlite"
            let backup = try await expectDone(operated, "outbox", "backup", copy, "--json")
            #expect(backup.objects.first?["entries"] as? Int == 3)
            let file = operated.place.folder.path + "/" + copy
            let mode = try FileManager.default.attributesOfItem(atPath: file)[.posixPermissions] as? Int
            #expect(mode == 0o600)
            let rows = try await Command.run("sqlite3", ["-bail", file, "PRAGMA integrity_check; SELECT count(*) FROM entries"])
            #expect(rows.output == "ok\n3\n")
            let again = try await operated.command("outbox", "backup", copy)
            #expect(again.status == 1, "\(again.errors)")
        }

        private func expectDone(
            _ operated: OperatedPlace,
            _ arguments: String...,
            location: SourceLocation = #_sourceLocation
        ) async throws -> Command.Outcome {
            let outcome = try await operated.command(arguments)
            #expect(outcome.status == 0, "\(arguments): \(outcome.errors)", sourceLocation: location)
            return outcome
        }
    }
}
