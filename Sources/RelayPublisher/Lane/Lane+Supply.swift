package import RelayCore

/// Entries that come in: handed over as they are committed, or read from disk. What finds no room in its partition's window is left on disk
/// and read past; it is read once the window has room again, each row a bounded number of times.
extension Lane {
    /// Rows of one read at most: a read holds up appends.
    static let readRows = 1000

    /// Past this nothing is taken, whichever partitions have room: each may exceed its share of bytes by one entry.
    var isFull: Bool { count >= window.entries * 8 || footprint >= window.bytes * 4 }

    /// What one partition may hold; few entries a partition are many in all where there are many partitions.
    func share(of place: Int) -> Window {
        let number = partitions.count - 1
        guard place > 0, number > 1 else { return window }
        let entries = max(window.entries / number, min(16, window.entries * 8 / number), 1)
        return Window(entries: entries, bytes: window.bytes / number)
    }

    func hasRoom(_ place: Int) -> Bool {
        let share = share(of: place)
        return partitions[place].count < share.entries && partitions[place].footprint < share.bytes && !isFull
    }

    /// Room for a read that is worth it.
    private func isRoomy(_ place: Int) -> Bool { hasRoom(place) && partitions[place].count <= share(of: place).entries / 2 }

    private func freeEntries(_ places: some Sequence<Int>) -> Int {
        places.reduce(0) { $0 + max(0, share(of: $1).entries - partitions[$1].count) }
    }

    /// Entries that have just been committed, in order; those that find no room are read from disk later.
    package mutating func handOver(_ entries: some Sequence<OutboxEntry>) {
        for entry in entries {
            switch supply {
            case .current: if !lookAt(entry) { supply = .behind }
            case .behind: break
            case .reading: supply = .reading(missed: true)
            }
        }
    }

    /// Takes the entry, or leaves it on disk for its partition. False where it must be looked at again.
    private mutating func lookAt(_ entry: OutboxEntry) -> Bool {
        guard entry.sequence > taken else { return true }
        // What is read from the beginning once more may be on its way, or settled since it was read.
        if inFlight[entry.sequence] != nil || settledMeanwhile.contains(entry.sequence) {
            taken = entry.sequence
            return true
        }
        let place = place(of: entry)
        if partitions[place].behind != nil {
            if catchingUp != nil { partitions[place].hasMissed = true }
        } else if hasRoom(place) {
            take(entry, place)
        } else if partitions.count == 2 || isFull {
            // There is nobody to be let past.
            return false
        } else {
            partitions[place].behind = entry.sequence - 1
            partitions[place].hasMissed = true
        }
        taken = entry.sequence
        return true
    }

    private mutating func take(_ entry: OutboxEntry, _ place: Int) {
        count += 1
        footprint += entry.footprint
        partitions[place].add(entry)
        if let user = entry.user {
            if held[user] != nil {
                held[user]?.append(entry)
                return
            }
            held[user] = Queue()
        }
        partitions[place].ready.append(entry)
    }

    // MARK: Reading

    /// From which sequence on, and how many entries, to read from disk now; nil when there is nothing to read or no room.
    package mutating func readRequest() -> (after: Int64, limit: Int)? {
        if case .reading = supply { return nil }
        guard !isWithheld, catchingUp == nil, !isFull else { return nil }
        let keyed = partitions.indices.dropFirst()
        let open = keyed.filter { partitions[$0].behind == nil && isRoomy($0) && (keyed.count > 1 || isRoomy(0)) }
        let late = partitions.indices.filter { partitions[$0].behind != nil && isRoomy($0) }
        if supply == .behind, !open.isEmpty, late.isEmpty || hasCaughtUpLast {
            hasCaughtUpLast = false
            settledMeanwhile = []
            supply = .reading(missed: false)
            return (taken, max(1, min(Self.readRows, freeEntries(keyed))))
        }
        guard let from = late.compactMap({ partitions[$0].behind }).min() else { return nil }
        hasCaughtUpLast = true
        catchingUp = from
        settledMeanwhile = []
        for place in partitions.indices { partitions[place].hasMissed = false }
        return (from, max(1, min(Self.readRows, max(64, freeEntries(late)))))
    }

    /// What the read brought.
    package mutating func supplied(_ entries: [OutboxEntry], limit: Int) {
        if let from = catchingUp {
            catchUp(with: entries, from: from, isAtEnd: entries.count < limit)
            catchingUp = nil
        } else if case .reading(let missed) = supply {
            supply = .current
            var tookAll = true
            for entry in entries where tookAll { tookAll = lookAt(entry) }
            if missed || entries.count == limit || !tookAll { supply = .behind }
        }
        for (place, sequence) in rewinds where sequence < taken { unload(place, from: sequence) }
        rewinds = [:]
        settledMeanwhile = []
    }

    package mutating func readFailed() {
        if case .reading = supply { supply = .behind }
        catchingUp = nil
        supplied([], limit: 0)
    }

    /// Gives each partition that was left behind what there is room for, up to what was looked at.
    private mutating func catchUp(with entries: [OutboxEntry], from: Int64, isAtEnd: Bool) {
        var stuck = Set(partitions.indices.filter { place in partitions[place].behind.map { $0 < from } ?? true })
        var last = from
        for entry in entries {
            guard entry.sequence <= taken else { break }
            last = entry.sequence
            let place = place(of: entry)
            guard !stuck.contains(place), let behind = partitions[place].behind, entry.sequence > behind else { continue }
            if inFlight[entry.sequence] == nil, !settledMeanwhile.contains(entry.sequence) {
                guard hasRoom(place) else {
                    stuck.insert(place)
                    continue
                }
                take(entry, place)
            }
            partitions[place].behind = entry.sequence
        }
        let isThrough = isAtEnd || (entries.last.map { $0.sequence >= taken } ?? true)
        for place in partitions.indices where !stuck.contains(place) {
            guard let behind = partitions[place].behind else { continue }
            partitions[place].behind = isThrough && !partitions[place].hasMissed ? nil : max(behind, last)
        }
    }

    // MARK: Going back

    /// Leaves to the disk what has not left of a partition, and whatever else it has from after `sequence` on.
    mutating func unload(_ place: Int, from sequence: Int64) {
        let unsent = partitions[place].leave(onlyOne: false) + refused.filter { self.place(of: $0) == place }
        let waiting = held.filter { user, _ in self.place(ofKey: user.text) == place }
        var from = min(sequence, partitions[place].behind ?? .max)
        for entry in unsent {
            drop(entry, place, &from)
            if let user = entry.user { held[user] = nil }
        }
        for (user, var queue) in waiting {
            while let entry = queue.popFirst() { drop(entry, place, &from) }
            if held[user] != nil { held[user] = Queue() }
        }
        refused = refused.filter { self.place(of: $0) != place }
        partitions[place].behind = from
    }

    /// Lets entries from after `sequence` on be handed over once more; it is for the owner to hand none twice.
    mutating func goBack(to sequence: Int64) { taken = min(taken, sequence) }

    /// Takes out what is meant and has not left; answers its sequences.
    mutating func withdraw(_ isMeant: (OutboxEntry) -> Bool) -> [Int64] {
        var taken: [OutboxEntry] = []
        for place in partitions.indices {
            var kept = Queue<OutboxEntry>()
            while let entry = partitions[place].ready.popFirst() {
                if isMeant(entry) { taken.append(entry) } else { kept.append(entry) }
            }
            partitions[place].ready = kept
        }
        // A user's entries all go to one partition: where one is meant, all are.
        let freed = taken.compactMap(\.user)
        for (user, var queue) in held {
            var waiting: [OutboxEntry] = []
            while let entry = queue.popFirst() { waiting.append(entry) }
            guard let one = waiting.first, isMeant(one) else { continue }
            held[user] = Queue()
            taken += waiting
        }
        for user in freed { held[user] = nil }
        var from = Int64.max
        for entry in taken { drop(entry, place(of: entry), &from) }
        return taken.map(\.sequence)
    }

    private mutating func drop(_ entry: OutboxEntry, _ place: Int, _ from: inout Int64) {
        from = min(from, entry.sequence - 1)
        count -= 1
        footprint -= entry.footprint
        partitions[place].subtract(entry)
    }
}
