import ArgyleAPI
import Foundation
import RelayClient
import RelayCore
import RelayTestSupport
import Synchronization
import Testing

/// `subscription rotate` by the built program beside a running relay, to which the double's subscriptions deliver all the while.
@Suite("subscription rotate", .serialized, .timeLimit(.minutes(3)))
struct RotationAcceptanceTests {
    private static let url = "https://relay.example.com/webhooks/argyle"
    private static let first = "first-secret-4f1c2d"

    /// Deliveries as Argyle would send them at this moment: each event by every subscription, signed with what that one signs with.
    private final class Load: Sendable {
        struct Report: Sendable {
            var statuses: [Int: Int] = [:]
            var failures: [String] = []
            var events = 0
            var seconds = 0.0
        }

        private let argyle: ArgyleDouble
        private let deliveries: String
        private let isOver = Atomic<Bool>(false)

        init(_ argyle: ArgyleDouble, to deliveries: String) { (self.argyle, self.deliveries) = (argyle, deliveries) }

        func end() { isOver.store(true, ordering: .releasing) }

        /// Ten events every twentieth of a second; one of them is delivered by the subscriptions of a second before, as a second try is.
        func run() async throws -> Report {
            let client = try HTTPClient(configuration: .init(maxConnections: 32))
            let clock = ContinuousClock()
            let began = clock.now
            var report = Report()
            var earlier: [[String]] = []
            while !isOver.load(ordering: .acquiring) {
                let secrets = argyle.stored.compactMap(\.secret)
                earlier.append(secrets)
                if earlier.count > 20 { earlier.removeFirst() }
                let begun = clock.now
                var deliveries: [(body: [UInt8], secret: String)] = []
                for number in 0..<10 {
                    report.events += 1
                    let body = SampleUser(report.events).body(revision: 1)
                    deliveries += (number == 0 ? earlier[0] : secrets).map { (body, $0) }
                }
                let answers = await withTaskGroup(of: Result<Int, HTTPClientError>.self) { group in
                    for (body, secret) in deliveries {
                        group.addTask {
                            let headers = [
                                ("X-Argyle-Signature", String(signing: body, with: secret)), ("content-type", "application/json"),
                            ]
                            do throws(HTTPClientError) {
                                return .success(
                                    try await client.execute(method: "POST", url: self.deliveries, headers: headers, body: body).status
                                )
                            } catch { return .failure(error) }
                        }
                    }
                    var answers: [Result<Int, HTTPClientError>] = []
                    for await answer in group { answers.append(answer) }
                    return answers
                }
                for answer in answers {
                    switch answer {
                    case .success(let status): report.statuses[status, default: 0] += 1
                    case .failure(let error): report.failures.append("\(error)")
                    }
                }
                try await clock.sleep(until: begun + .milliseconds(50))
            }
            await client.shutdown()
            report.seconds = (clock.now - began) / .seconds(1)
            return report
        }
    }

    /// A relay whose secrets lie in a file, and what its commands have to be told.
    private struct Place {
        let place: RelayPlace
        let secrets: String
        let environment: [String: String]

        init(_ argyle: ArgyleClient) throws {
            let port = try #require(try FreePorts.take(1).first)
            place = try RelayPlace([
                "admin.port": "\(port)", "argyle.api_url": argyle.baseURL, "argyle.api_key_id": "key-id",
                "argyle.api_key_secret": "key-secret",
            ])
            secrets = place.folder.path + "/secrets"
            try (RotationAcceptanceTests.first + "\n").write(toFile: secrets, atomically: false, encoding: .utf8)
            try #require(chmod(secrets, 0o600) == 0)
            environment = ["RELAY_SIGNATURE_SECRETS_FILE": secrets]
        }

        var arguments: [String] {
            [
                "subscription", "rotate", "--url", RotationAcceptanceTests.url, "--config", place.configurationFile, "--wait", "60",
                "--quiet", "5",
            ]
        }

        func rotate() async throws -> Command.Outcome {
            try await Command.run(RelayPlace.binary.path, arguments, environment: environment, in: place.folder.url)
        }

        /// Ends it by SIGKILL as soon as `condition` holds.
        func rotateKilled(when condition: () throws -> Bool) async throws {
            let process = Process()
            process.executableURL = RelayPlace.binary
            process.arguments = arguments
            process.environment = ProcessInfo.processInfo.environment.merging(environment) { $1 }
            process.standardOutput = FileHandle.nullDevice
            process.standardError = FileHandle.nullDevice
            try process.run()
            let isThere = try await eventually(every: .milliseconds(2)) { try condition() || !process.isRunning }
            #expect(isThere && process.isRunning)
            if process.isRunning { kill(process.processIdentifier, SIGKILL) }
            process.waitUntilExit()
        }

        func fileLines() throws -> [String] { try String(contentsOfFile: secrets, encoding: .utf8).split(separator: "\n").map(String.init) }
    }

    private func stored(_ id: String, _ config: SubscriptionConfig?) -> ArgyleDouble.Stored {
        .init(id: id, events: ["users.fully_synced"], name: "relay", url: Self.url, config: config, secret: Self.first)
    }

    @Test("under two hundred deliveries a second, killed twice on its way and run again: none is refused, and each event is taken once")
    func load() async throws {
        try await withArgyle { argyle, client, _ in
            argyle.stored = [stored("id-1", nil)]
            let place = try Place(client)
            defer { place.place.folder.remove() }
            let relay = try await RelayProcess(place.place, environment: place.environment)
            let load = Load(argyle, to: relay.deliveries)
            let running = Task { try await load.run() }
            let result: Result<Command.Outcome, any Error>
            do {
                try await place.rotateKilled { try place.fileLines().count == 2 }
                try await place.rotateKilled { argyle.requests.contains("POST /v2/webhooks") }
                result = .success(try await place.rotate())
            } catch { result = .failure(error) }
            load.end()
            let report = try await running.value
            let refused = try await relay.metric(#"deliveries_total{outcome="signature_mismatch"}"#)
            let accepted = try await relay.metric(#"deliveries_total{outcome="accepted"}"#)
            await relay.end()

            let outcome = try result.get()
            #expect(outcome.status == 0, "\(outcome)")
            #expect(outcome.output.hasSuffix("done\n"))
            let answers = report.statuses.values.reduce(0, +)
            #expect(report.statuses == [200: answers] && report.failures == [], "\(report.statuses) \(report.failures.prefix(3))")
            #expect(refused == 0 && accepted == Double(report.events))
            print("\(answers) deliveries of \(report.events) events in \(report.seconds) s")
            #expect(Double(answers) / report.seconds > 100)

            let file = try place.fileLines()
            let new = try #require(file.first)
            #expect(file.count == 1 && new != Self.first && new.utf8.count == 64)
            #expect(argyle.stored.map(\.secret) == [new])
            #expect(try FileManager.default.contentsOfDirectory(atPath: place.place.folder.path).allSatisfy { !$0.contains("rotation") })
            for text in [outcome.output, outcome.errors, relay.log] {
                for secret in [new, Self.first, "key-secret"] { #expect(!text.contains(secret)) }
            }
        }
    }

    @Test("without a relay, without a file of secrets and with a file that the relay does not read nothing is made, and each says why")
    func refusals() async throws {
        try await withArgyle { argyle, client, _ in
            argyle.stored = [stored("id-1", nil)]
            let place = try Place(client)
            defer { place.place.folder.remove() }
            let absent = try await place.rotate()
            #expect(absent.status == 75 && absent.errors.contains("no relay answers"), "\(absent)")
            let inline = try await place.place.run("subscription", "rotate", "--url", Self.url, "--config", place.place.configurationFile)
            #expect(inline.status == 78 && inline.errors.contains("signature.secrets_file"), "\(inline)")

            // The relay has its secrets from relay.yaml.
            let relay = try await RelayProcess(place.place)
            let other = try await place.rotate()
            await relay.end()
            #expect(other.status == 1 && other.errors.contains("does not show that it reads"), "\(other)")
            #expect(argyle.requests.allSatisfy { $0.hasPrefix("GET") })
            #expect(argyle.stored.map(\.secret) == [Self.first])
        }
    }
}
