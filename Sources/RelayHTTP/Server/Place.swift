import NIOCore
import Synchronization

/// One open connection as its listener sees it: whether, and since when, it is idle, which is told from another thread at the cost of a store.
final class Place: Sendable {
    let channel: any Channel
    private let idleSince: Atomic<UInt64>

    init(channel: any Channel) {
        self.channel = channel
        idleSince = Atomic(NIODeadline.now().uptimeNanoseconds)
    }

    /// `nil` while a request is under way or being answered.
    func set(idleSince time: NIODeadline?) { idleSince.store(time?.uptimeNanoseconds ?? 0, ordering: .relaxed) }

    /// In nanoseconds of the monotonic clock; nil while a request is under way.
    var idle: UInt64? {
        let since = idleSince.load(ordering: .relaxed)
        return since == 0 ? nil : since
    }
}

/// Asks a connection to close if it has been idle ever since: a newcomer needs its place.
struct GiveWay: Sendable {
    let idleSince: NIODeadline
}
