import NIOCore
import Synchronization

/// A time that may be changed while connections read it; each takes the new one with its next request.
final class AdjustableDuration: Sendable {
    private let nanoseconds: Atomic<Int64>

    init(_ duration: Duration) { nanoseconds = Atomic(TimeAmount(duration).nanoseconds) }

    var amount: TimeAmount { .nanoseconds(nanoseconds.load(ordering: .relaxed)) }

    func set(_ duration: Duration) { nanoseconds.store(TimeAmount(duration).nanoseconds, ordering: .relaxed) }
}
