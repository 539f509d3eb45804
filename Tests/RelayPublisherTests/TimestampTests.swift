import RelayCore
import RelayKafka
import RelayOutbox
import Testing

@testable import RelayPublisher

@Suite("A record's timestamp", .timeLimit(.minutes(1)))
struct TimestampTests {
    private let relay: TestRelay

    init() throws { relay = try TestRelay() }

    @Test("is its time of receipt on whichever way it leaves: refused in company, alone, again, or replayed", arguments: [Int32(10), 32])
    func everyWay(code: Int32) async throws {
        try await relay.run { outbox, publisher in
            let began = TestRelay.time.now().milliseconds
            try relay.broker.fail(.produce, with: [code, code, code, code])
            for number in 0..<30 { try await outbox.append(user: "u\(number)", accounts: ["a"]) }
            try await outbox.until { $0.pending == 0 }
            try relay.broker.heal(.produce)
            let ordered = try await outbox.order()
            try relay.broker.fail(.produce, with: [code, code])
            publisher.wakeReplays()
            _ = try await outbox.finished(ordered.id)
            let records = try await relay.records()
            #expect(records.count > 50)
            for record in records {
                let timestamp = try #require(record.timestamp)
                #expect(timestamp >= began && record.header("ce_time") == "\(Timestamp(milliseconds: timestamp))")
            }
            if code == 32 { #expect(outbox.status.dead == 0 && records.count == 60) }
        }
    }

    @Test("is explained when it is refused: by the clock, or by the topic's limit where the record is old")
    func refused() {
        let now = SampleEntry.start
        #expect(RefusedTimestamps.explanation(of: now, at: now).hasPrefix("this machine's clock is ahead"))
        let old = RefusedTimestamps.explanation(of: now.advanced(by: .seconds(-7200)), at: now)
        #expect(old.contains("clock is ahead") && old.contains("before.max.ms is less than the 7200 s"))
        var told = RefusedTimestamps()
        let isTold = [Duration.zero, .seconds(59), .seconds(60)].map { told.isToBeTold(at: $0) }
        #expect(isTold == [true, false, true])
    }
}
