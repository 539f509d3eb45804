import RelayCore
import RelayKafka
import Testing

@testable import RelayPublisher

@Suite("A lane on a long journey", .timeLimit(.minutes(5)))
struct LaneJourneyTests {
    /// Kafka and the disk of one lane: partitions that take nothing for a while, reads that lag, and a topic that grows.
    private struct World {
        var lane = Lane(window: Lane.Window(entries: 48, bytes: 1 << 20))
        /// In order; what was published is gone.
        var disk: [OutboxEntry] = []
        var published: [Int64] = []
        var rowsRead = 0
        var peak = 0
        var reading: (after: Int64, limit: Int, rows: [OutboxEntry])?
        var sick: Set<Int> = []
        var random = SystemRandomNumberGenerator()

        mutating func commit(_ entry: OutboxEntry) {
            disk.append(entry)
            lane.handOver([entry])
        }

        /// A read is answered with what was on disk when it was asked for.
        mutating func read() {
            if let done = reading {
                lane.supplied(done.rows, limit: done.limit)
                reading = nil
            } else if let request = lane.readRequest() {
                let rows = Array(disk.drop { $0.sequence <= request.after }.prefix(request.limit))
                rowsRead += rows.count
                reading = (request.after, request.limit, rows)
            }
        }

        mutating func send() {
            let leaving = lane.departures(at: .zero)
            #expect(Set(leaving.map(\.sequence)).count == leaving.count)
            peak = max(peak, lane.count)
        }

        /// Kafka takes some of what is on its way.
        mutating func acknowledge(_ part: Double) {
            for entry in lane.inFlight.values.sorted(by: { $0.sequence < $1.sequence }) {
                guard !sick.contains(lane.place(of: entry)), Double.random(in: 0...1, using: &random) < part else { continue }
                disk.removeAll { $0.sequence == entry.sequence }
                published.append(entry.sequence)
                let outcome = PublishOutcome.published(partition: 0, offset: 1)
                let bounds = BackOff.Bounds(initial: .zero, maximum: .zero)
                #expect(lane.arrived(entry.sequence, outcome, at: .zero, within: bounds, random: 0) != nil)
            }
        }
    }

    @Test("publishes each entry once and each user's in order, whichever partitions are sick and however many there come to be")
    func everything() throws {
        for round in 0..<40 {
            var world = World()
            let total: Int64 = 1500
            var users: [Int64: String] = [:]
            var next: Int64 = 1
            while world.published.count < Int(total) {
                for _ in 0..<Int.random(in: 0...30) where next <= total {
                    let user = Int.random(in: 0...60)
                    users[next] = user == 0 ? nil : "u\(user)"
                    world.commit(try SampleEntry.sync(next, user: users[next]))
                    next += 1
                }
                if next == 300 || (300...330).contains(next) { world.lane.setPartitionCount(4) }
                if (900...930).contains(next) { world.lane.setPartitionCount(round % 2 == 0 ? 6 : 4) }
                // The sick ones are well at the end.
                world.sick = next <= total ? [1 + round % 4] : []
                world.send()
                world.read()
                world.acknowledge(0.7)
            }
            #expect(world.published.sorted() == Array(1...total))
            let order = Dictionary(grouping: world.published.filter { users[$0] != nil }) { users[$0] ?? "" }
            #expect(order.values.allSatisfy { $0 == $0.sorted() })
            #expect(world.lane.count == 0 && world.lane.footprint == 0 && world.lane.held.isEmpty)
            #expect(world.peak <= 48 * 8)
            #expect(world.lane.partitions.allSatisfy { $0.count == 0 && $0.inFlight == 0 && $0.stillSince == nil })
        }
    }

    @Test(
        "reads a long backlog of a sick partition once, however long it stays sick, and each row a bounded number of times when it is well again"
    )
    func linear() throws {
        var world = World()
        world.lane.setPartitionCount(4)
        let names = (0...).lazy.map { "u\($0)" }
        let sick = Array(names.filter { KafkaPartitioner.partition(of: $0, among: 4) == 0 }.prefix(5000))
        let well = Array(names.filter { KafkaPartitioner.partition(of: $0, among: 4) == 1 }.prefix(100))
        world.sick = [1]
        world.disk = try sick.enumerated().map { try SampleEntry.sync(Int64($0.offset + 1), user: $0.element) }
        world.disk += try well.enumerated().map { try SampleEntry.sync(Int64($0.offset + 5001), user: $0.element) }
        for _ in 0..<2000 {
            world.send()
            world.read()
            world.acknowledge(1)
        }
        #expect(world.published.count == 100)
        #expect(world.rowsRead <= 5700, "\(world.rowsRead)")
        world.sick = []
        world.rowsRead = 0
        while world.published.count < 5100 {
            world.send()
            world.read()
            world.acknowledge(1)
        }
        // A window of 16 entries is refilled by reads of 64 rows.
        #expect(world.rowsRead <= 8 * 5100, "\(world.rowsRead)")
    }
}
