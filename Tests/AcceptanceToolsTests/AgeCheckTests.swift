import RelayConfiguration
import Testing

@testable import ArgyleRelay

@Suite("doctor's look at a topic's retention and timestamps", .timeLimit(.minutes(5)))
struct AgeCheckTests {
    /// The verdicts and words for a topic with `values`, with kafka.max_timestamp_age 1 h and outbox.retention 7 d.
    private func found(_ values: [String: String], waiting: Duration? = nil) -> [Finding] {
        AgeCheck(configuration: RelayConfiguration(), oldestWaiting: waiting).findings(topic: "t", values: values)
    }

    private let week = ["retention.ms": "604800000", "cleanup.policy": "delete", "message.timestamp.type": "CreateTime"]
    private let limits = [
        "message.timestamp.before.max.ms": "9223372036854775807", "message.timestamp.after.max.ms": "3600000",
    ]

    @Test("is content with Kafka's defaults, with unlimited or compacted topics, and with the broker's own time")
    func sound() {
        let usual = found(week.merging(limits) { $1 })
        #expect(usual.map(\.verdict) == [.ok, .ok])
        #expect(found(["retention.ms": "-1"]).map(\.verdict) == [.ok])
        #expect(found(["retention.ms": "1000", "cleanup.policy": "compact"]).map(\.verdict) == [.ok])
        #expect(found(["retention.ms": "1000", "message.timestamp.type": "LogAppendTime"]).map(\.verdict) == [.ok])
    }

    @Test("warns of a retention that deletes late records on arrival, and fails where one waits that is old enough")
    func retention() throws {
        let short = try #require(found(["retention.ms": "1800000"]).first)
        #expect(short.verdict == .warning && short.found.contains("replays, which reach back 7 d"), "\(short)")
        #expect(short.advice?.contains("kafka.max_timestamp_age") == true)
        #expect(found(["retention.ms": "1800000"], waiting: .seconds(2400)).first?.verdict == .failed)
        // It is older than the age, so it carries the time of publishing.
        #expect(found(["retention.ms": "1800000"], waiting: .seconds(7200)).first?.verdict == .warning)
        let tight = try #require(found(["retention.ms": "5400000"]).first)
        #expect(tight.verdict == .warning && tight.found.contains("no more than 30 min"), "\(tight)")
    }

    @Test("warns of limits on timestamps that refuse late records, or a clock a little ahead")
    func refusals() throws {
        let before = try #require(found(["message.timestamp.before.max.ms": "600000"]).first)
        #expect(before.verdict == .warning && before.advice?.contains("no more than 10 min") == true, "\(before)")
        #expect(found(["message.timestamp.before.max.ms": "600000"], waiting: .seconds(1200)).first?.verdict == .failed)
        let after = try #require(found(["message.timestamp.after.max.ms": "5000"]).first)
        #expect(after.verdict == .warning && after.found.contains("clock here"), "\(after)")
    }
}
