import Dispatch
import Synchronization

/// Counts the callers inside a C client, so that it is freed only when the last has left. After ``close(interrupting:)`` it lets nobody in.
final class UseGate: Sendable {
    private static let closedBit = 1 << 62
    private let state = Atomic<Int>(0)
    private let idle = DispatchSemaphore(value: 0)

    /// False when closed; a caller that got true calls ``leave()``.
    func enter() -> Bool {
        if state.wrappingAdd(1, ordering: .acquiringAndReleasing).oldValue & Self.closedBit == 0 { return true }
        leave()
        return false
    }

    func leave() {
        if state.wrappingSubtract(1, ordering: .acquiringAndReleasing).newValue == Self.closedBit { idle.signal() }
    }

    var isClosed: Bool { state.load(ordering: .acquiring) & Self.closedBit != 0 }

    /// Shuts the gate, runs `interrupting` (which should hurry those inside) and waits for them. False when it was shut already.
    func close(interrupting: () -> Void = {}) -> Bool {
        let before = state.bitwiseOr(Self.closedBit, ordering: .acquiringAndReleasing).oldValue
        guard before & Self.closedBit == 0 else { return false }
        interrupting()
        // A late `enter` may signal once more than needed, hence the loop over the count rather than one wait.
        while state.load(ordering: .acquiring) != Self.closedBit { idle.wait() }
        return true
    }
}
