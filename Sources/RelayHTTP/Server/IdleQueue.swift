import NIOCore

/// Connections in the order in which they give way, longest idle first.
///
/// The order is found by looking at all of them, but only when places have run out and then once for many departures: the longest idle are kept
/// from one look, and who was busy since is passed over. That is exact, for whoever is not among them fell idle later than all who are.
struct IdleQueue {
    private var longestFirst: ArraySlice<(place: Place, since: UInt64)> = []

    /// The next that is idle and has been since `latest` or longer; nil when none is.
    mutating func next(of connections: ConnectionRegistry, idleSince latest: NIODeadline) -> (place: Place, since: UInt64)? {
        if passOverBusy() { longestFirst = Self.longestIdle(of: connections.places)[...] }
        _ = passOverBusy()
        guard let next = longestFirst.first, next.since <= latest.uptimeNanoseconds else { return nil }
        return longestFirst.popFirst()
    }

    /// Lets go of those that are kept, once places are free again.
    mutating func forget() { longestFirst = [] }

    /// Whether none is left.
    private mutating func passOverBusy() -> Bool {
        while let next = longestFirst.first, next.place.idle != next.since || !next.place.channel.isActive { longestFirst.removeFirst() }
        return longestFirst.isEmpty
    }

    /// At least sixteen, at most a sixteenth of all. Only their times are sorted whole, which at 100,000 takes some milliseconds.
    private static func longestIdle(of places: [Place]) -> [(place: Place, since: UInt64)] {
        let times = places.map { $0.idle ?? .max }
        let count = max(16, times.count / 16)
        guard count < times.count else { return sorted(zip(places, times), upTo: .max - 1) }
        return sorted(zip(places, times), upTo: min(times.sorted()[count - 1], .max - 1))
    }

    private static func sorted(_ places: Zip2Sequence<[Place], [UInt64]>, upTo last: UInt64) -> [(place: Place, since: UInt64)] {
        places.filter { $0.1 <= last }.map { (place: $0.0, since: $0.1) }.sorted { $0.since < $1.since }
    }
}
