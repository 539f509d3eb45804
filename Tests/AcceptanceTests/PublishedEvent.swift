import Foundation
import RelayKafka
import RelayTestSupport

/// What a consumer reads of one structured record.
struct PublishedEvent {
    let id: String
    let user: String
    let revision: Int
    let change: String

    init?(_ record: ConsumedRecord) {
        guard let value = record.value,
            let envelope = try? JSONSerialization.jsonObject(with: Data(value)) as? [String: Any],
            let id = envelope["id"] as? String, let user = envelope["subject"] as? String,
            let data = envelope["data"] as? [String: Any],
            let revision = data["revision"] as? Int, let change = data["change"] as? String
        else { return nil }
        (self.id, self.user, self.revision, self.change) = (id, user, revision, change)
    }
}

/// All that a topic holds, read from its beginning.
struct TopicContent {
    static let events = "argyle.users.fully-synced"
    let records: [ConsumedRecord]
    let events: [PublishedEvent]

    init(_ topic: String = events, on servers: [String]) async throws {
        records = try await KafkaSettings(bootstrapServers: servers).records(in: topic)
        events = records.compactMap(PublishedEvent.init)
    }

    /// The revisions of each user in the order in which the topic holds them.
    var revisions: [String: [Int]] { Dictionary(grouping: events, by: \.user).mapValues { $0.map(\.revision) } }
    var distinctIDs: Int { Set(events.map(\.id)).count }
}

/// Makes `topics`, which must not be there yet.
func makeTopics(_ topics: String..., partitions: Int = 6, replicas: Int = -1, on servers: [String]) async throws {
    let settings = KafkaSettings(bootstrapServers: servers)
    let failures = try await blocking {
        let admin = try TopicAdmin(settings: settings)
        defer { admin.close() }
        let wanted = topics.map { NewTopic(name: $0, partitions: partitions, replicas: replicas) }
        return try admin.create(wanted, timeout: .seconds(30)).filter { $0.result != .created }.map { "\($0)" }
    }
    if !failures.isEmpty { throw NotMade(failures: failures) }
}

struct NotMade: Error { let failures: [String] }
