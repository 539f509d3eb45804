import RelayKafka
import Testing

@Suite("KafkaProducer+Close", .timeLimit(.minutes(1)))
struct KafkaProducerCloseTests {
    @Test("close() gives back every undelivered token exactly once, promptly, and no report follows")
    func givesBack() async throws {
        let broker = try EmbeddedBroker()
        defer { broker.close() }
        try broker.createTopic("t", partitions: 3)
        try broker.goDown()
        let log = ReportLog()
        let producer = try log.producer(broker.settings)
        for token in 0..<5000 { #expect(producer.publish(.plain(Int64(token), key: "\(token)")) == .enqueued) }
        let took = await blocking { ContinuousClock().measure { producer.close() } }
        #expect(took < .seconds(3), "\(took)")
        let reports = log.reports
        #expect(reports.map(\.token).sorted() == (0..<5000).map { $0 })
        #expect(reports.allSatisfy { if case .retry("purge_queue", _) = $0.outcome { true } else { false } })
    }

    @Test("close() gives back what was in flight to a slow broker, too")
    func inFlight() async throws {
        let broker = try EmbeddedBroker()
        defer { broker.close() }
        try broker.createTopic("t", partitions: 1)
        let log = ReportLog()
        let producer = try log.producer(broker.settings)
        _ = producer.publish(.plain(0))
        _ = await log.reports(1)
        try broker.setLatency(.seconds(30))
        for token in 1...100 { #expect(producer.publish(.plain(Int64(token))) == .enqueued) }
        // Long enough for the batch to leave (linger is 3 ms), far shorter than the answer.
        #expect(await blocking { producer.flush(timeout: .milliseconds(300)) } == false)
        for token in 101...200 { #expect(producer.publish(.plain(Int64(token))) == .enqueued) }
        let took = await blocking { ContinuousClock().measure { producer.close() } }
        #expect(took < .seconds(3), "\(took)")
        #expect(log.reports.map(\.token).sorted() == (0...200).map { $0 })
        let codes = Set(log.reports.dropFirst().map { if case .retry(let code, _) = $0.outcome { code } else { "\($0.outcome)" } })
        #expect(codes.contains("purge_inflight"))
        #expect(codes.isSubset(of: ["purge_inflight", "purge_queue"]))
    }

    @Test("a closed producer refuses records as a retry, fails its probe and may be closed again")
    func closed() throws {
        let producer = try ReportLog().producer(KafkaSettings(bootstrapServers: ["127.0.0.1:1"]))
        producer.close()
        producer.close()
        guard case .rejected(.retry("closed", _)) = producer.publish(.plain(1)) else {
            Issue.record("not refused")
            return
        }
        guard case .failed("closed", _) = producer.probe(timeout: .seconds(5)) else {
            Issue.record("probe succeeded")
            return
        }
        #expect(producer.flush(timeout: .zero) == false)
    }

    @Test("records handed over while close() runs are each refused or reported, never both, never neither")
    func race() async throws {
        let broker = try EmbeddedBroker()
        defer { broker.close() }
        try broker.createTopic("t", partitions: 2)
        for _ in 0..<5 {
            let log = ReportLog()
            let producer = try log.producer(broker.settings)
            async let enqueued = blocking {
                (0..<20_000).reduce(into: [Int64]()) { tokens, token in
                    if producer.publish(.plain(Int64(token))) == .enqueued { tokens.append(Int64(token)) }
                }
            }
            await log.wait { reports, _ in !reports.isEmpty }
            let took = await blocking { ContinuousClock().measure { producer.close() } }
            #expect(took < .seconds(3), "\(took)")
            #expect(await enqueued == log.reports.map(\.token).sorted())
        }
    }

    @Test("flush waits for the acknowledgements")
    func flush() async throws {
        let broker = try EmbeddedBroker()
        defer { broker.close() }
        try broker.createTopic("t", partitions: 1)
        let log = ReportLog()
        let producer = try log.producer(broker.settings)
        defer { producer.close() }
        for token in 0..<500 { _ = producer.publish(.plain(Int64(token))) }
        #expect(await blocking { producer.flush(timeout: .seconds(20)) })
        let reports = await log.reports(500)
        #expect(reports.allSatisfy { $0.outcome.isPublished })
    }
}
