import Synchronization

/// The times at which a loop is to look again though nothing else wakes it: each is slept for by a child task of the loop, which says when it
/// rang. Refuses one that is no earlier than another which is armed already.
///
/// The loop collects the children that have ended by the count that is kept here. A discarding task group would need no collecting, but its
/// `cancelAll()` reads children that are freed already, in every Swift before 6.2 (swiftlang/swift#80808).
final class Alarms: Sendable {
    private struct State {
        /// The earliest that has not rung.
        var armed: Duration?
        var rung = 0
    }

    private let state = Mutex(State())

    /// Whether a child is to be made that sleeps until `uptime`.
    func arm(_ uptime: Duration) -> Bool {
        state.withLock { state in
            guard state.armed.map({ uptime < $0 }) ?? true else { return false }
            state.armed = uptime
            return true
        }
    }

    /// The last that a child does but for waking the loop.
    func rang(_ uptime: Duration) {
        state.withLock { state in
            if state.armed == uptime { state.armed = nil }
            state.rung += 1
        }
    }

    /// How many have rung since this was asked last.
    func takeRung() -> Int {
        state.withLock { state in
            defer { state.rung = 0 }
            return state.rung
        }
    }
}
