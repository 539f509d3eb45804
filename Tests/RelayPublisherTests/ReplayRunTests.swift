import Foundation
import RelayCore
import RelayKafka
import RelayOutbox
import Testing

@testable import RelayPublisher

@Suite("A replay under way", .timeLimit(.minutes(5)))
struct ReplayRunTests {
    private let bounds = BackOff.Bounds(initial: .seconds(1), maximum: .seconds(60))

    private func run(rate: Int) throws -> ReplayRun {
        let json = """
            {"id":"\(EventID(naming: [1]))","requestedBy":"t","created":"2026-11-23","filter":{},"rate":\(rate),"total":9,"gone":0,\
            "done":0,"failed":0,"position":0,"upto":100}
            """
        return ReplayRun(try JSONDecoder().decode(ReplayRecord.self, from: Data(json.utf8)))
    }

    private func arrive(_ run: inout ReplayRun, _ sequence: Int64, at uptime: Duration = .zero) {
        let outcome = PublishOutcome.published(partition: 0, offset: sequence)
        _ = run.arrived(sequence, outcome, at: SampleEntry.start, uptime: uptime, within: bounds, random: 1)
    }

    private func supply(_ run: inout ReplayRun, _ sequences: [Int64], users: Int = 1000, next: Int64? = nil) throws {
        let entries = try sequences.map { try SampleEntry.sync($0, user: "u\($0 % Int64(users))") }
        run.supplied(entries, damaged: [], next: next, at: SampleEntry.start, uptime: .zero)
    }

    @Test("keeps its rate, and does not make up for a pause by a burst")
    func rate() throws {
        var run = try run(rate: 20)
        try supply(&run, Array(1...100))
        #expect(run.departures(at: .seconds(0)).count == 1)
        #expect(run.departures(at: .milliseconds(40)).count == 0)
        #expect(run.departures(at: .milliseconds(100)).count == 2)
        for sequence in [1, 2, 3] as [Int64] { arrive(&run, sequence, at: .milliseconds(200)) }
        #expect(run.departures(at: .seconds(60)).count == 2)
    }

    @Test("keeps each user's order")
    func order() throws {
        var run = try run(rate: 100_000)
        _ = run.departures(at: .zero)
        try supply(&run, Array(1...6), users: 2)
        #expect(run.departures(at: .seconds(1)).map(\.sequence) == [1, 2])
        arrive(&run, 2)
        #expect(run.departures(at: .seconds(1)).map(\.sequence) == [4])
    }

    @Test("writes down as done only what has arrived with all before it")
    func progress() throws {
        var run = try run(rate: 100_000)
        _ = run.departures(at: .zero)
        try supply(&run, [1, 2, 3], next: 50)
        #expect(run.departures(at: .seconds(1)).count == 3)
        arrive(&run, 1)
        arrive(&run, 3)
        #expect(run.takeProgress(at: .zero) == nil)
        let taken = run.takeProgress(at: .seconds(1))
        let first = try #require(taken)
        #expect(first.outcomes.map(\.sequence) == [1, 3] && first.position == 1)
        arrive(&run, 2)
        let takenNext = run.takeProgress(at: .seconds(1))
        let second = try #require(takenNext)
        #expect(second.outcomes.map(\.sequence) == [2] && second.position == 50)
        #expect(!run.isFinished)
        try supply(&run, [])
        #expect(run.isFinished && run.takeProgress(at: .zero)?.position == 100)
    }

    @Test("holds no more than its window that is not written down")
    func window() throws {
        var run = try run(rate: 100_000)
        let asked = run.readRequest
        let request = try #require(asked)
        #expect(request.limit == ReplayRun.window)
        try supply(&run, Array(1...Int64(ReplayRun.window)), next: 1000)
        #expect(run.readRequest == nil)
        _ = run.departures(at: .zero)
        _ = run.departures(at: .seconds(1))
        for sequence in 1...Int64(ReplayRun.window) { arrive(&run, sequence) }
        #expect(run.readRequest == nil)
        _ = run.takeProgress(at: .zero)
        #expect(run.readRequest?.limit == ReplayRun.window)
    }

    @Test("tells its entries from live ones by their tokens")
    func tokens() {
        #expect(ReplayRun.token(of: 7) < 0)
    }
}
