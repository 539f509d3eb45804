import Synchronization

/// How many events a second came and went lately, from the totals of an outbox, sampled about once a second.
package final class RateMeter: Sendable {
    private struct Sample {
        let at: Duration
        let accepted: Int
        let published: Int
    }

    private let samples = Mutex<[Sample]>([])

    package init() {}

    /// Keeps a little more than five minutes.
    package func sample(accepted: Int, published: Int, at uptime: Duration) {
        samples.withLock { samples in
            samples.append(Sample(at: uptime, accepted: accepted, published: published))
            let old = samples.prefix { $0.at < uptime - .seconds(301) }.count
            // In strides: removing from the front moves the rest.
            if old >= 60 { samples.removeFirst(old) }
        }
    }

    /// Over the time that was seen, where that is shorter.
    package var rates: StatusReport.Rates {
        samples.withLock { samples in
            func rate(_ span: Duration, _ total: (Sample) -> Int) -> Double {
                guard let last = samples.last, let first = samples.first(where: { $0.at >= last.at - span }) else { return 0 }
                let seconds = (last.at - first.at) / .seconds(1)
                return seconds > 0 ? Double(total(last) - total(first)) / seconds : 0
            }
            return StatusReport.Rates(
                accepted1m: rate(.seconds(60)) { $0.accepted },
                accepted5m: rate(.seconds(300)) { $0.accepted },
                published1m: rate(.seconds(60)) { $0.published },
                published5m: rate(.seconds(300)) { $0.published }
            )
        }
    }
}
