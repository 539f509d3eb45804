package import RelayCore
import Synchronization

/// Entries that come back: dead ones that an operator has put among the waiting again.
extension Lane {
    /// Takes an entry that waits again. It leaves before every entry of its user that has not left yet; what has left cannot be called
    /// back. Where there is no room it is read from disk, with all behind it.
    package mutating func readmit(_ entry: OutboxEntry) {
        guard !isOnItsWay(entry.sequence) else { return }
        let place = place(of: entry)
        if entry.sequence > taken {
            switch supply {
            // It will be read from disk.
            case .behind: return
            // Whether the read meets it depends on which of the two the writer did first.
            case .reading: return comeAgain(from: entry, place)
            // Nothing before it waits on disk.
            case .current: break
            }
        }
        if let behind = partitions[place].behind, entry.sequence > behind {
            if catchingUp != nil { comeAgain(from: entry, place) }
            return
        }
        guard hasRoom(place) else { return comeAgain(from: entry, place) }
        taken = max(taken, entry.sequence)
        count += 1
        footprint += entry.footprint
        partitions[place].add(entry)
        let isLater = { (other: OutboxEntry) in other.sequence > entry.sequence }
        guard let user = entry.user, held[user] != nil else {
            if let user = entry.user { held[user] = Queue() }
            partitions[place].ready.insert(entry, beforeFirst: isLater)
            return
        }
        // The user's turn is taken: whoever has it and has not left gives it up.
        if let later = partitions[place].ready.remove(where: { $0.user == user && isLater($0) }) {
            held[user]?.insert(later, beforeFirst: { $0.sequence > later.sequence })
            partitions[place].ready.insert(entry, beforeFirst: isLater)
        } else if let index = partitions[place].failed.firstIndex(where: { $0.user == user && isLater($0) }) {
            let later = partitions[place].failed.remove(at: index)
            held[user]?.insert(later, beforeFirst: { $0.sequence > later.sequence })
            partitions[place].insertFailed(entry)
        } else if let index = refused.firstIndex(where: { $0.user == user && isLater($0) }) {
            let later = refused.remove(at: index)
            held[user]?.insert(later, beforeFirst: { $0.sequence > later.sequence })
            partitions[place].insertFailed(entry)
        } else {
            held[user]?.insert(entry, beforeFirst: isLater)
        }
    }

    /// Has its partition read from `entry` on once more, when no read is under way.
    private mutating func comeAgain(from entry: OutboxEntry, _ place: Int) {
        guard supply != .reading(missed: false), supply != .reading(missed: true), catchingUp == nil else {
            rewinds[place] = min(rewinds[place] ?? .max, entry.sequence - 1)
            return
        }
        unload(place, from: entry.sequence - 1)
    }
}

extension Publisher {
    /// Takes an entry that waits again, in its place among its user's; does not wait.
    package func readmit(_ entry: OutboxEntry) {
        open([entry.topic])
        state.withLock { $0.lanes[entry.topic]?.readmit(entry) }
        wake()
    }
}
