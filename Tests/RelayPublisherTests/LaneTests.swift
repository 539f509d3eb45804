import RelayCore
import RelayKafka
import Testing

@testable import RelayPublisher

@Suite("A lane", .timeLimit(.minutes(5)))
struct LaneTests {
    private let bounds = BackOff.Bounds(initial: .seconds(1), maximum: .seconds(60))

    /// Up to date with nothing in it.
    private func lane(entries: Int = 100) -> Lane {
        var lane = Lane(window: Lane.Window(entries: entries, bytes: 1 << 20))
        if let request = lane.readRequest() { lane.supplied([], limit: request.limit) }
        return lane
    }

    private func arrive(_ lane: inout Lane, _ sequence: Int64, _ outcome: PublishOutcome = .published(partition: 0, offset: 1)) {
        _ = lane.arrived(sequence, outcome, at: .zero, within: bounds, random: 1)
    }

    private func out(_ lane: inout Lane, at uptime: Duration = .zero) -> [Int64] { lane.departures(at: uptime).map(\.sequence) }

    @Test("sends one entry of a user at a time, in order, and others meanwhile")
    func order() throws {
        var lane = lane()
        lane.handOver([try SampleEntry.sync(1, user: "a"), try SampleEntry.sync(2, user: "a"), try SampleEntry.sync(3, user: "b")])
        #expect(out(&lane) == [1, 3])
        arrive(&lane, 3)
        #expect(out(&lane) == [])
        arrive(&lane, 1)
        #expect(out(&lane) == [2])
    }

    @Test("lets a user's later entries pass one that is dead, and none pass one that failed")
    func deadAndFailed() throws {
        var lane = lane()
        lane.handOver([try SampleEntry.sync(1), try SampleEntry.sync(2), try SampleEntry.sync(3)])
        #expect(out(&lane) == [1])
        arrive(&lane, 1, .retry(code: "c", detail: "d"))
        #expect(out(&lane) == [])
        #expect(out(&lane, at: .seconds(1)) == [1])
        arrive(&lane, 1, .dead(code: "c", detail: "d"))
        #expect(out(&lane, at: .seconds(1)) == [2])
    }

    @Test("after a failure sends one entry to see, and all again once it has arrived")
    func probing() throws {
        var lane = lane()
        lane.handOver(try (1...4).map { try SampleEntry.sync($0, user: "u\($0)") })
        #expect(out(&lane) == [1, 2, 3, 4])
        for sequence in [2, 1, 3] as [Int64] { arrive(&lane, sequence, .retry(code: "c", detail: "d")) }
        arrive(&lane, 4)
        lane.handOver([try SampleEntry.sync(5, user: "u5")])
        #expect(lane.nextAttempt == .seconds(1))
        #expect(out(&lane, at: .seconds(2)) == [1, 2, 3, 5])
    }

    @Test("keeps its window and reads what is beyond from disk")
    func window() throws {
        var lane = lane(entries: 4)
        lane.handOver(try (1...6).map { try SampleEntry.sync($0, user: "u\($0)") })
        #expect(out(&lane) == [1, 2, 3, 4] && lane.readRequest() == nil)
        for sequence in 1...4 as ClosedRange<Int64> { arrive(&lane, sequence) }
        let asked = lane.readRequest()
        let request = try #require(asked)
        #expect(request.after == 4)
        lane.handOver([try SampleEntry.sync(7, user: "u7")])
        lane.supplied([try SampleEntry.sync(5, user: "u5"), try SampleEntry.sync(6, user: "u6")], limit: request.limit)
        #expect(out(&lane) == [5, 6])
        #expect(lane.readRequest()?.after == 6)
    }

    @Suite("given an entry back", .timeLimit(.minutes(5)))
    struct Readmission {
        private let tests = LaneTests()

        /// The first entry of each user is dead by now.
        private func lane(_ sequences: ClosedRange<Int64>) throws -> Lane {
            var lane = tests.lane()
            lane.handOver(try sequences.map { try SampleEntry.sync($0) })
            #expect(tests.out(&lane) == [sequences.lowerBound])
            tests.arrive(&lane, sequences.lowerBound, .dead(code: "c", detail: "d"))
            return lane
        }

        @Test("sends it before its user's later ones that have not left")
        func beforeReady() throws {
            var lane = try lane(1...3)
            lane.readmit(try SampleEntry.sync(1))
            for sequence in 1...3 as ClosedRange<Int64> {
                #expect(tests.out(&lane) == [sequence])
                tests.arrive(&lane, sequence)
            }
            #expect(lane.isIdle)
        }

        @Test("sends it next when a later one of its user is on its way")
        func behindInFlight() throws {
            var lane = try lane(1...4)
            #expect(tests.out(&lane) == [2])
            lane.readmit(try SampleEntry.sync(1))
            #expect(tests.out(&lane) == [])
            for next in [(2, [1]), (1, [3]), (3, [4])] as [(Int64, [Int64])] {
                tests.arrive(&lane, next.0)
                #expect(tests.out(&lane) == next.1)
            }
        }

        @Test("sends it before a later one of its user that failed")
        func beforeFailed() throws {
            var lane = try lane(1...3)
            #expect(tests.out(&lane) == [2])
            tests.arrive(&lane, 2, .retry(code: "c", detail: "d"))
            lane.readmit(try SampleEntry.sync(1))
            for sequence in 1...3 as ClosedRange<Int64> {
                #expect(tests.out(&lane, at: .seconds(100)) == [sequence])
                tests.arrive(&lane, sequence)
            }
        }

        @Test("sends it at once when nothing of its user waits")
        func alone() throws {
            var lane = try lane(1...1)
            lane.readmit(try SampleEntry.sync(1))
            lane.handOver([try SampleEntry.sync(2)])
            #expect(tests.out(&lane) == [1])
            tests.arrive(&lane, 1)
            #expect(tests.out(&lane) == [2])
        }

        @Test("takes it where nothing waited since the start, and reads again where a read is under way")
        func beyondWhatWasTaken() throws {
            var idle = tests.lane()
            idle.readmit(try SampleEntry.sync(7))
            #expect(tests.out(&idle) == [7])
            idle.readmit(try SampleEntry.sync(7))
            #expect(tests.out(&idle) == [])

            var reading = Lane(window: Lane.Window(entries: 10, bytes: 1 << 20))
            let asked = reading.readRequest()
            let request = try #require(asked)
            reading.readmit(try SampleEntry.sync(5))
            reading.supplied([try SampleEntry.sync(10)], limit: request.limit)
            // It may be of the same user as what was read.
            #expect(tests.out(&reading) == [] && reading.readRequest()?.after == 4)
        }

        @Test("leaves it to the disk when it has not read so far, or has no room")
        func fromDisk() throws {
            var unread = Lane(window: Lane.Window(entries: 10, bytes: 1 << 20))
            unread.readmit(try SampleEntry.sync(1))
            #expect(unread.readRequest()?.after == 0 && unread.departures(at: .zero).isEmpty)

            var full = tests.lane(entries: 2)
            full.handOver(try (1...3).map { try SampleEntry.sync($0, user: "u\($0)") })
            #expect(tests.out(&full) == [1, 2])
            tests.arrive(&full, 1, .dead(code: "c", detail: "d"))
            full.handOver([try SampleEntry.sync(4, user: "u4")])
            _ = full.readRequest().map { full.supplied([], limit: $0.limit) }
            full.handOver([try SampleEntry.sync(5, user: "u5")])
            #expect(tests.out(&full) == [5])
            full.readmit(try SampleEntry.sync(1, user: "u1"))
            #expect(tests.out(&full) == [] && full.readRequest() == nil)
            tests.arrive(&full, 2)
            tests.arrive(&full, 5)
            #expect(full.readRequest()?.after == 0)
        }
    }
}
