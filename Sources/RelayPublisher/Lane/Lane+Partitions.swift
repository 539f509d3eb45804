import RelayCore
import RelayKafka

/// Which partition an entry goes to. Kafka decides; this reckons the same, and may be wrong while the number of partitions changes.
extension Lane {
    /// The index of its window.
    func place(of entry: OutboxEntry) -> Int { entry.user.map { place(ofKey: $0.text) } ?? 0 }

    func place(ofKey key: String) -> Int {
        let number = partitions.count - 1
        return number == 1 ? 1 : 1 + Int(KafkaPartitioner.partition(of: key, among: Int32(clamping: number)))
    }

    /// The index of the window of an entry that is on its way.
    func partition(of sequence: Int64) -> Int? { inFlight[sequence].map { place(of: $0) } }

    /// Whether what goes there is held up by a failure, of the topic or of the partition.
    func isFailing(_ place: Int?) -> Bool { isFailing || place.map { partitions[$0].setback.isProbing } ?? false }

    /// Takes the number of the topic's partitions, which may grow while entries are on their way.
    package mutating func setPartitionCount(_ number: Int) {
        guard number >= 1, number != partitions.count - 1 else { return }
        // What was left on disk was left for other partitions than are now: all that has not left goes back there.
        if partitions.contains(where: { $0.behind != nil }) || !rewinds.isEmpty { return divideAnew(number) }
        let old = partitions
        partitions = [old[0]] + Array(repeating: PartitionWindow(), count: number)
        for entry in inFlight.values where entry.user != nil { partitions[settle(entry)].inFlight += 1 }
        for var window in old.dropFirst() {
            for entry in window.leave(onlyOne: false).sorted(by: { $0.sequence < $1.sequence }) {
                partitions[settle(entry)].ready.append(entry)
            }
        }
        for entry in refused where entry.user != nil { _ = settle(entry) }
        for var queue in held.values { while let entry = queue.popFirst() { _ = settle(entry) } }
        let stillSince = old.dropFirst().compactMap(\.stillSince).max()
        for place in partitions.indices.dropFirst() where partitions[place].inFlight > 0 { partitions[place].stillSince = stillSince }
        if let resumesAt = old.dropFirst().compactMap(\.setback.resumesAt).max() { setback.pause(until: resumesAt) }
    }

    private mutating func settle(_ entry: OutboxEntry) -> Int {
        let place = place(of: entry)
        partitions[place].add(entry)
        return place
    }

    private mutating func divideAnew(_ number: Int) {
        var from = rewinds.values.min() ?? .max
        for place in partitions.indices {
            unload(place, from: .max)
            from = min(from, partitions[place].behind ?? .max)
        }
        partitions = Array(repeating: PartitionWindow(), count: number + 1)
        for entry in inFlight.values { partitions[settle(entry)].inFlight += 1 }
        for place in partitions.indices { partitions[place].behind = min(from, taken) }
        rewinds = [:]
        // Its answer was for the old ones.
        if catchingUp != nil { catchingUp = .max }
    }

    /// Partitions that have taken nothing for so long although the cluster has given a sign of life meanwhile.
    /// - Parameter sign: when it last did.
    package func stalled(for duration: Duration, at uptime: Duration, lastSign sign: Duration?) -> [StalledPartition] {
        guard let sign, !isFailing else { return [] }
        return partitions.indices.compactMap { place in
            guard let since = partitions[place].stillSince, uptime - since >= duration, sign - since >= duration / 2 else { return nil }
            return StalledPartition(partition: place == 0 ? nil : place - 1, since: since, isReckoned: partitions.count > 2)
        }
    }
}

/// A partition that takes nothing.
package struct StalledPartition: Sendable, Hashable {
    /// Nil for records without a key, which go to any.
    package let partition: Int?
    /// Uptime since which nothing was acknowledged.
    package let since: Duration
    /// False while the number of partitions is not known, so that all are counted as one.
    package let isReckoned: Bool
}
