import Foundation
import RelayClient
import RelayKafka
import RelayTestSupport
import Testing

extension AcceptanceTests {
    @Suite("replays", .enabled(if: KafkaCluster.isAvailable), .timeLimit(.minutes(5)))
    struct ReplayTests {
        private static let users = 200
        private static let revisions = 10
        private static let facts = users * revisions
        /// What is on its way when a relay is killed may come twice: its help says how much.
        private static let window = 256

        @Test(
            "a replay that is killed half-way goes on by itself: every event comes once more with its id and header, each user's in order"
        )
        func killed() async throws {
            try await withKafka(try await KafkaCluster()) { cluster in
                let operated = try OperatedPlace(cluster)
                let place = operated.place
                defer { place.folder.remove() }
                let first = try await RelayProcess(place)
                let users = (0..<Self.users).map { SampleUser($0).bodies(revisions: Self.revisions) }
                let report = try await LoadGenerator(first.deliveries).send(users: users, connections: 64)
                #expect(report.statuses == [200: Self.facts])
                #expect(try await first.isPublished(within: .seconds(30)))

                let planned = try await operated.command("outbox", "replay", "--since", "1h", "--dry-run", "--json")
                #expect(planned.status == 0, "\(planned.errors)")
                #expect(planned.objects.first?["total"] as? Int == Self.facts)
                #expect(planned.objects.first?["gone"] as? Int == 0)
                #expect(try await TopicContent(on: cluster.bootstrapServers).records.count == Self.facts)

                let ordered = try await operated.command("outbox", "replay", "--since", "1h", "--rate", "400", "--detach", "--json")
                #expect(ordered.status == 0, "\(ordered.errors)")
                let replay = try #require(ordered.objects.first?["id"] as? String)
                #expect(try await eventually { try await Self.done(replay, first) >= Self.facts / 2 })
                let doneAtKill = try await Self.done(replay, first)
                #expect(await first.end(SIGKILL) == 128 + SIGKILL)
                #expect(doneAtKill < Self.facts)

                let second = try await RelayProcess(place)
                #expect(try await eventually { try await Self.record(replay, second)["finished"] is String }, "\(second.log.suffix(2000))")
                let ended = try await Self.record(replay, second)
                #expect(ended["done"] as? Int == Self.facts)
                #expect(ended["failed"] as? Int == 0)
                #expect(ended["gone"] as? Int == 0)

                let topic = try await TopicContent(on: cluster.bootstrapServers)
                let replayed = topic.records.filter { Self.header($0) == replay }.compactMap(PublishedEvent.init)
                #expect(topic.records.filter { Self.header($0) == nil }.count == Self.facts)
                #expect(Set(replayed.map(\.id)) == Set(report.accepted))
                let repeats = replayed.count - Self.facts
                #expect((0...Self.window).contains(repeats))
                let revisions = Dictionary(grouping: replayed, by: \.user).mapValues { $0.map(\.revision) }
                #expect(revisions.count == Self.users)
                #expect(revisions.values.allSatisfy { Self.firsts($0) == Array(1...Self.revisions) })
                // One event of a user at a time is on its way: only the last that came before the kill may come again.
                #expect(revisions.values.allSatisfy { Self.steps(of: $0) })

                let event = try #require(report.accepted.first)
                let why = try await operated.command("outbox", "why", event)
                #expect(why.output.contains("Replay \(replay) published it once more"), "\(why.output) \(why.errors)")
                let listed = try await operated.command("outbox", "list", "--replays", "--json")
                #expect(listed.objects.compactMap { $0["id"] as? String } == [replay])
                await second.end()
                print("replay of \(Self.facts) killed after \(doneAtKill): \(repeats) came twice")
            }
        }

        private static func header(_ record: ConsumedRecord) -> String? {
            record.headers.first { $0.name == "relay-replay" }.map { String(decoding: $0.value, as: UTF8.self) }
        }

        private static func firsts(_ revisions: [Int]) -> [Int] {
            revisions.reduce(into: []) { if !$0.contains($1) { $0.append($1) } }
        }

        /// Whether what goes back goes back once, to what had come before, and then on without a gap.
        private static func steps(of revisions: [Int]) -> Bool {
            let backwards = zip(revisions, revisions.dropFirst()).filter { $1 <= $0 }.count
            let gaps = zip(revisions, revisions.dropFirst()).contains { $1 > $0 + 1 }
            return backwards <= 1 && !gaps
        }

        private static func record(_ replay: String, _ relay: RelayProcess) async throws -> [String: Any] {
            let answer = try await relay.get("/v1/replays/\(replay)")
            return try #require(try JSONSerialization.jsonObject(with: Data(answer.body)) as? [String: Any])
        }

        private static func done(_ replay: String, _ relay: RelayProcess) async throws -> Int {
            try await record(replay, relay)["done"] as? Int ?? 0
        }
    }
}
