import RelayCore
import RelayKafka

/// Which partitions a replay passes over because they take nothing, as a value: where each of them began, and which take records again.
struct PartitionPassing {
    struct Place: Hashable {
        let topic: TopicName
        /// Nil for records without a key.
        let partition: Int32?
    }

    /// Without an answer for so long a partition is passed over.
    static let patience = Duration.seconds(2)

    private struct OnItsWay {
        var count = 0
        var stillSince: Duration?
    }

    /// Of each topic's partitions; one that is missing here counts as one partition.
    private var counts: [TopicName: Int] = [:]
    private var onItsWay: [Place: OnItsWay] = [:]
    /// The first sequence that was passed over.
    private var passed: [Place: Int64] = [:]
    private var moved: Set<Place> = []

    /// Taken only while nothing is on its way or passed over: an entry must be found where it was counted.
    mutating func setCounts(_ counts: [TopicName: Int]) { if onItsWay.isEmpty, passed.isEmpty { self.counts = counts } }

    func place(of entry: OutboxEntry) -> Place {
        let partition = entry.user.map { KafkaPartitioner.partition(of: $0.text, among: Int32(clamping: counts[entry.topic] ?? 1)) }
        return Place(topic: entry.topic, partition: partition)
    }

    var isPassing: Bool { !passed.isEmpty }
    var first: Int64? { passed.values.min() }
    func passes(_ entry: OutboxEntry) -> Bool { isPassing && passed[place(of: entry)] != nil }
    /// Entries on their way to partitions that are passed over.
    var inFlight: Int { passed.keys.reduce(0) { $0 + (onItsWay[$1]?.count ?? 0) } }

    mutating func left(_ entry: OutboxEntry, at uptime: Duration) {
        let place = place(of: entry)
        onItsWay[place, default: OnItsWay()].count += 1
        if onItsWay[place]?.stillSince == nil { onItsWay[place]?.stillSince = uptime }
    }

    mutating func answered(_ entry: OutboxEntry, at uptime: Duration) {
        let place = place(of: entry)
        cameBack(entry)
        if onItsWay[place] != nil { onItsWay[place]?.stillSince = uptime }
        if passed[place] != nil { moved.insert(place) }
    }

    mutating func cameBack(_ entry: OutboxEntry) {
        let place = place(of: entry)
        guard let count = onItsWay[place]?.count else { return }
        onItsWay[place]?.count = count - 1
        if count <= 1 { onItsWay[place] = nil }
    }

    /// Those that are to be passed over from now on.
    func newlyStill(at uptime: Duration) -> [Place] {
        onItsWay.filter { passed[$0.key] == nil && ($0.value.stillSince.map { uptime - $0 >= Self.patience } ?? false) }.map(\.key)
    }

    mutating func pass(over place: Place, from sequence: Int64) {
        passed[place] = sequence
        moved.remove(place)
    }

    /// After which sequence to read once more, if a partition that was passed over takes records again.
    mutating func goBack() -> Int64? {
        let from = moved.compactMap { passed[$0] }.min()
        for place in moved { passed[place] = nil }
        moved = []
        return from.map { $0 - 1 }
    }

    /// Whether one that was passed over takes records again.
    var hasMoved: Bool { !moved.isEmpty }

    /// When one may have been still for too long.
    var nextLook: Duration? {
        onItsWay.filter { passed[$0.key] == nil }.compactMap(\.value.stillSince).min().map { $0 + Self.patience }
    }
}
