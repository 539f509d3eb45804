import RelayCore
import RelayKafka
import Testing

@testable import RelayPublisher

@Suite("A lane of a topic with several partitions", .timeLimit(.minutes(5)))
struct PartitionLaneTests {
    private let bounds = BackOff.Bounds(initial: .seconds(1), maximum: .seconds(60))

    /// Up to date with nothing in it; 20 entries a partition.
    private func lane() -> Lane {
        var lane = Lane(window: Lane.Window(entries: 60, bytes: 1 << 20))
        lane.setPartitionCount(3)
        if let request = lane.readRequest() { lane.supplied([], limit: request.limit) }
        return lane
    }

    /// Users whose keys lie in that partition of three.
    private func users(_ partition: Int32, _ count: Int) -> [String] {
        Array((0...).lazy.map { "u\($0)" }.filter { KafkaPartitioner.partition(of: $0, among: 3) == partition }.prefix(count))
    }

    private func arrive(_ lane: inout Lane, _ sequence: Int64, _ outcome: PublishOutcome = .published(partition: 0, offset: 1)) {
        _ = lane.arrived(sequence, outcome, at: .zero, within: bounds, random: 1)
    }

    private func out(_ lane: inout Lane, at uptime: Duration = .zero) -> [Int64] { lane.departures(at: uptime).map(\.sequence).sorted() }

    @Test("lets all others past a partition that takes nothing, keeps a bounded part of its entries, and reads the rest once it moves")
    func past() throws {
        var lane = lane()
        let sick = try users(0, 200).enumerated().map { try SampleEntry.sync(Int64($0.offset + 1), user: $0.element) }
        let well = try users(1, 50).enumerated().map { try SampleEntry.sync(Int64($0.offset + 201), user: $0.element) }
        lane.handOver(sick)
        lane.handOver(well[..<10])
        #expect(out(&lane) == Array(1...20) + Array(201...210))
        for sequence in 201...210 as ClosedRange<Int64> { arrive(&lane, sequence) }
        lane.handOver(well[10..<20])
        #expect(out(&lane) == Array(211...220))
        for sequence in 211...220 as ClosedRange<Int64> { arrive(&lane, sequence) }
        #expect(lane.count == 20 && lane.readRequest() == nil)

        for sequence in 1...10 as ClosedRange<Int64> { arrive(&lane, sequence) }
        let asked = lane.readRequest()
        let request = try #require(asked)
        #expect(request.after == 20)
        lane.supplied(Array(sick[20...].prefix(request.limit)), limit: request.limit)
        #expect(out(&lane) == Array(21...30))
        #expect(lane.readRequest() == nil)
    }

    @Test("holds up only the partition whose fault it is, and tries it by one entry")
    func failing() throws {
        var lane = lane()
        let sick = users(0, 3)
        let well = users(1, 3)
        lane.handOver(try sick.enumerated().map { try SampleEntry.sync(Int64($0.offset + 1), user: $0.element) })
        lane.handOver(try well.enumerated().map { try SampleEntry.sync(Int64($0.offset + 4), user: $0.element) })
        #expect(out(&lane) == [1, 2, 3, 4, 5, 6])
        for sequence in [1, 2, 3] as [Int64] { arrive(&lane, sequence, .retry(code: "not_enough_replicas", detail: "d")) }
        arrive(&lane, 4)
        lane.handOver([try SampleEntry.sync(7, user: well[0])])
        #expect(!lane.isFailing && lane.isFailing(1) && out(&lane) == [7])
        #expect(lane.nextAttempt == .seconds(1))
        #expect(out(&lane, at: .seconds(1)) == [1] && out(&lane, at: .seconds(1)) == [])
        arrive(&lane, 1)
        #expect(out(&lane, at: .seconds(1)) == [2, 3])
    }

    @Test("tries a topic that fails although one of its partitions never answers")
    func topic() throws {
        var lane = lane()
        lane.handOver([try SampleEntry.sync(1, user: users(0, 1)[0])])
        #expect(out(&lane) == [1])
        lane.handOver(try users(1, 3).enumerated().map { try SampleEntry.sync(Int64($0.offset + 2), user: $0.element) })
        #expect(out(&lane) == [2, 3, 4])
        for sequence in [2, 3, 4] as [Int64] { arrive(&lane, sequence, .retry(code: "topic_authorization_failed", detail: "d")) }
        #expect(lane.isFailing && out(&lane) == [] && out(&lane, at: .seconds(1)) == [2])
        arrive(&lane, 2)
        #expect(!lane.isFailing && out(&lane, at: .seconds(1)) == [3, 4])
    }

    @Test("keeps a record whose timestamp is refused and all of its user's waiting, and no others")
    func timestamp() throws {
        var lane = lane()
        let two = users(0, 2)
        lane.handOver([try SampleEntry.sync(1, user: two[0]), try SampleEntry.sync(2, user: two[0]), try SampleEntry.sync(3, user: two[1])])
        #expect(out(&lane) == [1, 3])
        arrive(&lane, 1, .retry(code: "invalid_timestamp", detail: "d"))
        arrive(&lane, 3)
        lane.handOver([try SampleEntry.sync(4, user: two[1])])
        #expect(out(&lane) == [4] && lane.nextAttempt == .seconds(1))
        #expect(out(&lane, at: .seconds(1)) == [1])
        arrive(&lane, 1)
        #expect(out(&lane, at: .seconds(1)) == [2])
    }

    @Test("names a partition that is still while the cluster lives, and none while it does not or nothing is on its way")
    func stalled() throws {
        var lane = lane()
        lane.handOver([try SampleEntry.sync(1, user: users(2, 1)[0]), try SampleEntry.sync(2, user: users(1, 1)[0])])
        _ = out(&lane)
        arrive(&lane, 2)
        let alive = lane.stalled(for: .seconds(10), at: .seconds(10), lastSign: .seconds(9))
        #expect(alive.map(\.partition) == [2])
        #expect(lane.stalled(for: .seconds(10), at: .seconds(9), lastSign: .seconds(9)).isEmpty)
        #expect(lane.stalled(for: .seconds(10), at: .seconds(60), lastSign: .seconds(1)).isEmpty)
        arrive(&lane, 1)
        #expect(lane.stalled(for: .seconds(10), at: .seconds(60), lastSign: .seconds(60)).isEmpty)
    }
}

@Suite("What stalls", .timeLimit(.minutes(5)))
struct StallWatchTests {
    @Test("is news when it has stayed so for a while and when it is over, and is known from then on")
    func news() throws {
        var watch = StallWatch()
        let place = StallWatch.Place(topic: try TopicName.named("t"), partition: 3)
        var looked: [(begun: [StallWatch.Place], ended: [StallWatch.Place])] = []
        for second in [10, 12, 13, 14] { looked.append(watch.look([place: .zero], at: .seconds(second))) }
        #expect(looked.map(\.begun) == [[], [], [place], []])
        #expect(watch.reports(at: .seconds(20)).map(\.stalledFor) == [.seconds(20)])
        let over = watch.look([:], at: .seconds(21))
        #expect(over.ended == [place])
        #expect(watch.reports(at: .seconds(22)) == [PartitionReport(topic: place.topic, partition: "3", stalledFor: nil)])
    }
}
