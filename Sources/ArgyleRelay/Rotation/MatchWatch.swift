/// Tells by counters whether secrets have signed anything, as a value. A counter that falls belongs to a relay that was started anew.
struct MatchWatch {
    private let positions: [Int]
    private var last: [Int: Int]

    /// - Parameter counts: by position, from 1.
    init(_ positions: [Int], from counts: [Int: Int]) {
        self.positions = positions
        last = counts
    }

    /// Whether one of them has signed something since the counts before.
    mutating func hasGrown(to counts: [Int: Int]) -> Bool {
        defer { last = counts }
        return positions.contains { position in
            let (before, now) = (last[position] ?? 0, counts[position] ?? 0)
            return now > before || (now < before && now > 0)
        }
    }
}
