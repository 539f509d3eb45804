import Synchronization

/// A number that only grows.
package final class Counter: Sendable {
    private let count = Atomic<Int>(0)

    package init() {}

    package func add(_ amount: Int = 1) { count.wrappingAdd(amount, ordering: .relaxed) }
    package var value: Int { count.load(ordering: .relaxed) }
}

/// Counters of one name that differ in one label. Label values come from the program's own closed vocabularies; should that ever
/// be untrue, everything past ``capacity`` values is counted as `other`.
package final class CounterFamily: Sendable {
    package static let capacity = 64

    package let label: String
    private let counters: Mutex<[String: Counter]>

    /// - Parameter known: values that are shown from the start, at 0.
    package init(label: String, known: [String] = []) {
        self.label = label
        counters = Mutex(Dictionary(known.map { ($0, Counter()) }, uniquingKeysWith: { first, _ in first }))
    }

    package subscript(value: String) -> Counter {
        counters.withLock { counters in
            if let counter = counters[value] { return counter }
            let value = counters.count < Self.capacity ? value : "other"
            let counter = counters[value] ?? Counter()
            counters[value] = counter
            return counter
        }
    }

    /// Takes values out of what is shown; one that comes again begins at 0.
    package func forget(where isGone: (String) -> Bool) {
        counters.withLock { counters in counters = counters.filter { !isGone($0.key) } }
    }

    var values: [(label: String, value: Int)] {
        counters.withLock { counters in counters.map { ($0.key, $0.value.value) } }.sorted { $0.0 < $1.0 }
    }
}
