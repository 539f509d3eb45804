import Testing

@testable import RelayMetrics

@Suite("A histogram", .timeLimit(.minutes(5)))
struct HistogramTests {
    @Test("counts cumulatively, a bound belonging to its range, and everything in the last")
    func cumulative() {
        let histogram = Histogram(bounds: [1, 2, 4])
        for value in [0.5, 1, 1.5, 2, 3, 4, 5, 100] { histogram.record(value) }
        let reading = histogram.reading
        #expect(reading.counts.map(\.bound) == [1, 2, 4, nil])
        #expect(reading.counts.map(\.count) == [2, 4, 6, 8])
        #expect(reading.sum == 117)
    }

    @Test("takes durations in seconds, to the microsecond")
    func durations() {
        let histogram = Histogram.seconds()
        histogram.record(.microseconds(90))
        histogram.record(.milliseconds(1500))
        let reading = histogram.reading
        #expect(reading.counts.first?.count == 1)
        #expect(reading.counts.first { $0.bound == 2.5 }?.count == 2)
        #expect(reading.counts.first { $0.bound == 1 }?.count == 1)
        #expect(reading.sum == 1.50009)
    }

    @Test("survives what is no number, and numbers past any sum", arguments: [Double.nan, .infinity, -.infinity, 1e300, -1e300])
    func hostileValues(value: Double) {
        let histogram = Histogram(bounds: [1])
        histogram.record(value)
        histogram.record(0.5)
        #expect(histogram.reading.counts.last?.count == 2)
        #expect(histogram.reading.sum == 0.5)
    }

    @Test("loses nothing when many record at once")
    func concurrent() async {
        let histogram = Histogram(bounds: [1])
        await withTaskGroup(of: Void.self) { group in
            for _ in 0..<8 { group.addTask { for _ in 0..<1000 { histogram.record(0.25) } } }
        }
        #expect(histogram.reading.counts.map(\.count) == [8000, 8000])
        #expect(histogram.reading.sum == 2000)
    }
}
