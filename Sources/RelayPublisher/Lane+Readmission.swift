package import RelayCore
import Synchronization

/// Entries that come back: dead ones that an operator has put among the waiting again.
extension Lane {
    /// Takes an entry that waits again. It leaves before every entry of its user that has not left yet; what has left cannot be called
    /// back. Where there is no room it is read from disk, with all behind it, once the lane has emptied itself.
    package mutating func readmit(_ entry: OutboxEntry) {
        guard !isOnItsWay(entry.sequence) else { return }
        if entry.sequence > taken {
            switch supply {
            // It will be read from disk.
            case .behind: return
            // Whether the read meets it depends on which of the two the writer did first.
            case .reading: return comeAgain(from: entry)
            // Nothing before it waits on disk.
            case .current: break
            }
        }
        guard !isFull, rewind == nil else { return comeAgain(from: entry) }
        taken = max(taken, entry.sequence)
        count += 1
        footprint += entry.footprint
        let isLater = { (other: OutboxEntry) in other.sequence > entry.sequence }
        guard let user = entry.user, held[user] != nil else {
            if let user = entry.user { held[user] = Queue() }
            ready.insert(entry, beforeFirst: isLater)
            return
        }
        // The user's turn is taken: whoever has it and has not left gives it up.
        if let later = ready.remove(where: { $0.user == user && isLater($0) }) {
            held[user]?.insert(later, beforeFirst: { $0.sequence > later.sequence })
            ready.insert(entry, beforeFirst: isLater)
        } else if let index = failed.firstIndex(where: { $0.user == user && isLater($0) }) {
            let later = failed.remove(at: index)
            held[user]?.insert(later, beforeFirst: { $0.sequence > later.sequence })
            insertFailed(entry)
        } else {
            held[user]?.insert(entry, beforeFirst: isLater)
        }
    }

    /// Reads from `entry` on once more, when the lane is empty: then nothing can be taken twice.
    private mutating func comeAgain(from entry: OutboxEntry) { rewind = min(rewind ?? .max, entry.sequence - 1) }
}

extension Publisher {
    /// Takes an entry that waits again, in its place among its user's; does not wait.
    package func readmit(_ entry: OutboxEntry) {
        open([entry.topic])
        state.withLock { $0.lanes[entry.topic]?.readmit(entry) }
        wake()
    }
}
