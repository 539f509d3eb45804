import ArgyleAPI
import Foundation
import RelayTestSupport
import Testing

/// `subscription rotate` by the built program beside a running relay, to which the double's subscriptions deliver all the while.
@Suite("subscription rotate", .serialized, .timeLimit(.minutes(5)))
struct RotationAcceptanceTests {
    private func stored(_ id: String, _ config: SubscriptionConfig? = nil) -> ArgyleDouble.Stored {
        .init(
            id: id,
            events: ["users.fully_synced"],
            name: "relay",
            url: RotationStage.url,
            config: config,
            secret: RotationStage.first
        )
    }

    /// Runs `body` while the double's subscriptions deliver to the relay: nothing may be refused, and each event is taken once.
    private func underLoad(_ argyle: ArgyleDouble, _ relay: RelayProcess, _ body: () async throws -> Void) async throws {
        let load = SubscribedLoad(argyle, to: relay.deliveries)
        let running = Task { try await load.run() }
        let result: Result<Void, any Error>
        do { result = .success(try await body()) } catch { result = .failure(error) }
        load.end()
        let report = try await running.value
        try result.get()
        let refused = try await relay.metric(#"deliveries_total{outcome="signature_mismatch"}"#)
        let accepted = try await relay.metric(#"deliveries_total{outcome="accepted"}"#)
        let answers = report.statuses.values.reduce(0, +)
        #expect(report.statuses == [200: answers] && report.failures == [], "\(report.statuses) \(report.failures.prefix(3))")
        #expect(refused == 0 && accepted == Double(report.events))
        print("\(answers) deliveries of \(report.events) events in \(report.seconds) s")
    }

    @Test("under two hundred deliveries a second, killed at each of its steps and run again: none is refused, and each event is taken once")
    func load() async throws {
        try await withArgyle { argyle, client, _ in
            argyle.stored = [stored("id-1"), stored("id-2", .init(daysSynced: 30))]
            let stage = try RotationStage(client)
            defer { stage.place.folder.remove() }
            let relay = try await RelayProcess(stage.place, environment: stage.environment)
            var printed: [String] = []
            let hasAsked = { (method: String) in argyle.requests.contains { $0.hasPrefix(method) } }
            try await underLoad(argyle, relay) {
                printed.append(try await stage.rotateKilled { _ in stage.record() != nil })
                printed.append(try await stage.rotateKilled { _ in try stage.fileLines().count == 2 })
                printed.append(try await stage.rotateKilled { _ in stage.record()?.contains(#""isTaken":true"#) ?? false })
                printed.append(try await stage.rotateKilled { _ in hasAsked("POST") })
                printed.append(try await stage.rotateKilled { $0.contains("waiting for a delivery that is signed with the new secret") })
                printed.append(try await stage.rotateKilled { _ in hasAsked("DELETE") })
                printed.append(try await stage.rotateKilled { $0.contains("waiting until the old secret has signed nothing") })
                printed.append(try await stage.rotateKilled { _ in try stage.fileLines().count == 1 })
                let outcome = try await stage.rotate()
                #expect(outcome.status == 0 && outcome.output.hasSuffix("done\n"), "\(outcome)")
                printed += [outcome.output, outcome.errors]
            }
            await relay.end()

            let file = try stage.fileLines()
            let new = try #require(file.first)
            #expect(file.count == 1 && new != RotationStage.first && new.utf8.count == 64)
            #expect(argyle.stored.map(\.secret) == [new, new])
            #expect(argyle.stored.map { $0.config ?? .none } == [.none, .init(daysSynced: 30)])
            #expect(argyle.requests.filter { $0.hasPrefix("POST") }.count == 2)
            let names = try stage.names()
            #expect(names == ["signature"])
            for text in printed + [relay.log] {
                for secret in [new, RotationStage.first, "key-secret"] { #expect(!text.contains(secret)) }
            }
        }
    }

    @Test("beside a relay that reads a copy of the file nothing is made before that one shows the new secret; then it goes on")
    func copy() async throws {
        try await withArgyle { argyle, client, _ in
            argyle.stored = [stored("id-1")]
            let stage = try RotationStage(client)
            defer { stage.place.folder.remove() }
            let copy = stage.place.folder.path + "/copy"
            try FileManager.default.copyItem(atPath: stage.secrets, toPath: copy)
            let relay = try await RelayProcess(stage.place, environment: ["RELAY_SIGNATURE_SECRETS_FILE": copy])
            try await underLoad(argyle, relay) {
                let early = try await stage.rotate()
                #expect(early.status == 1 && early.errors.contains("restart it and run this again"), "\(early)")
                #expect(!argyle.requests.contains { $0.hasPrefix("POST") })
                // As its service does with a credential when it is started.
                try Data(contentsOf: URL(fileURLWithPath: stage.secrets)).write(to: URL(fileURLWithPath: copy))
                let outcome = try await stage.rotate()
                #expect(outcome.status == 0 && outcome.output.contains("counts from its next start on"), "\(outcome)")
            }
            await relay.end()
            let file = try stage.fileLines()
            #expect(argyle.stored.map(\.secret) == file && file != [RotationStage.first])
        }
    }

    @Test("without a relay, without a file of secrets and with a file that the relay does not read nothing is made, and each says why")
    func refusals() async throws {
        try await withArgyle { argyle, client, _ in
            argyle.stored = [stored("id-1")]
            let stage = try RotationStage(client)
            defer { stage.place.folder.remove() }
            let absent = try await stage.rotate()
            #expect(absent.status == 75 && absent.errors.contains("no relay answers"), "\(absent)")
            let configuration = stage.place.configurationFile
            let inline = try await stage.place.run("subscription", "rotate", "--url", RotationStage.url, "--config", configuration)
            #expect(inline.status == 78 && inline.errors.contains("signature.secrets_file"), "\(inline)")

            // The relay has its secrets from relay.yaml.
            let relay = try await RelayProcess(stage.place)
            let other = try await stage.rotate()
            await relay.end()
            #expect(other.status == 1 && other.errors.contains("does not show that it reads"), "\(other)")
            #expect(argyle.requests.allSatisfy { $0.hasPrefix("GET") })
            #expect(argyle.stored.map(\.secret) == [RotationStage.first])
        }
    }
}
