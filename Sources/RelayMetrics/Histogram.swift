import Synchronization

/// How often values fell into each of some ranges, with their sum; recording takes three atomic additions and no lock.
package final class Histogram: Sendable {
    private let bounds: [Double]
    private let cells: Cells
    /// In millionths, for there is no atomic floating-point addition.
    private let sum = Atomic<Int>(0)

    /// - Parameter bounds: upper bounds, ascending; what lies above the last is counted too.
    package init(bounds: [Double]) {
        self.bounds = bounds
        cells = Cells(count: bounds.count + 1)
    }

    /// Bounds for times from 100 µs to a minute, in seconds.
    package static func seconds() -> Histogram {
        Histogram(bounds: [
            0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60,
        ])
    }

    package func record(_ value: Double) {
        let index = bounds.firstIndex { value <= $0 } ?? bounds.count
        cells.add(to: index)
        let millionths = (value * 1_000_000).rounded()
        sum.wrappingAdd(millionths.isFinite && abs(millionths) < 1e15 ? Int(millionths) : 0, ordering: .relaxed)
    }

    package func record(_ duration: Duration) {
        let (seconds, attoseconds) = duration.components
        record(Double(seconds) + Double(attoseconds) / 1e18)
    }

    struct Reading {
        /// Cumulative, one for each bound and one for all.
        let counts: [(bound: Double?, count: Int)]
        let sum: Double
    }

    var reading: Reading {
        var total = 0
        var counts: [(bound: Double?, count: Int)] = []
        for index in 0...bounds.count {
            total += cells.count(at: index)
            counts.append((index < bounds.count ? bounds[index] : nil, total))
        }
        return Reading(counts: counts, sum: Double(sum.load(ordering: .relaxed)) / 1_000_000)
    }
}

/// A fixed number of atomic counts.
private final class Cells: Sendable {
    private let counters: [Counter]

    init(count: Int) { counters = (0..<count).map { _ in Counter() } }

    func add(to index: Int) { counters[index].add() }
    func count(at index: Int) -> Int { counters[index].value }
}
