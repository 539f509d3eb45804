/// How long to wait before the next try: exponential with full jitter, so that many who failed together do not come back together.
/// Source: https://aws.amazon.com/blogs/architecture/exponential-backoff-and-jitter/
package struct BackOff: Sendable {
    package struct Bounds: Equatable, Sendable {
        package var initial: Duration
        package var maximum: Duration

        package init(initial: Duration, maximum: Duration) {
            self.initial = initial
            self.maximum = maximum
        }
    }

    package private(set) var failures = 0

    package init() {}

    /// - Parameter random: from 0 to 1, which part of the ceiling to wait.
    package mutating func next(within bounds: Bounds, random: Double) -> Duration {
        let ceiling = min(bounds.maximum, bounds.initial * (1 << min(failures, 30)))
        failures += 1
        return ceiling * max(0, min(1, random))
    }

    package mutating func reset() { failures = 0 }
}
