import RelayCore

/// Standing still while what waits on disk is rearranged: given another topic, or given up.
extension Lane {
    /// Lets nothing leave, and reads nothing, until ``resume()``. What has not left is given back: the disk has it. What is on its way arrives
    /// as ever.
    mutating func withhold() {
        isWithheld = true
        giveBack()
    }

    /// Reads all that waits once more, the oldest first.
    mutating func resume() {
        guard !inFlight.isEmpty else {
            // Nothing is left of which a failure could still be true.
            let number = partitions.count
            self = Lane(window: window)
            partitions = Array(repeating: PartitionWindow(), count: number)
            return
        }
        giveBack()
        isWithheld = false
        taken = 0
    }

    private mutating func giveBack() {
        partitions = partitions.map { old in
            var window = PartitionWindow()
            (window.setback, window.stillSince) = (old.setback, old.stillSince)
            return window
        }
        held = [:]
        (count, footprint) = (0, 0)
        for entry in inFlight.values {
            if let user = entry.user { held[user] = Queue() }
            let place = place(of: entry)
            partitions[place].add(entry)
            partitions[place].inFlight += 1
            count += 1
            footprint += entry.footprint
        }
        refused = []
        triedAgain.formIntersection(inFlight.keys)
        // What a read under way brings is of before.
        supply = .behind
        catchingUp = nil
        rewinds = [:]
    }
}
