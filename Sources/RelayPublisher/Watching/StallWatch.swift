package import RelayCore

/// Which partitions take nothing, as it is told to operators: a value that is shown what lanes see and says what is news.
package struct StallWatch: Sendable {
    /// Without an acknowledgement for so long, though the cluster lives, a partition is stalled.
    static let patience = Duration.seconds(10)
    /// It must stay so for this long: after an outage of the cluster the brokers are reached one after the other.
    static let doubt = Duration.seconds(3)

    struct Place: Hashable, Comparable {
        let topic: TopicName
        /// Nil for records without a key.
        let partition: Int?

        static func < (one: Place, other: Place) -> Bool {
            (one.topic.text, one.partition ?? -1) < (other.topic.text, other.partition ?? -1)
        }
    }

    private var suspected: [Place: Duration] = [:]
    /// With the uptime since which nothing was acknowledged.
    private(set) var stalled: [Place: Duration] = [:]
    /// Ever, so that a metric goes back to 0.
    private(set) var known: Set<Place> = []

    package init() {}

    /// Takes what is seen now; answers what has changed, in order.
    mutating func look(_ seen: [Place: Duration], at uptime: Duration) -> (begun: [Place], ended: [Place]) {
        let ended = stalled.keys.filter { seen[$0] == nil }.sorted()
        for place in ended { stalled[place] = nil }
        suspected = seen.reduce(into: [:]) { $0[$1.key] = suspected[$1.key] ?? uptime }
        let begun = suspected.filter { stalled[$0.key] == nil && uptime - $0.value >= Self.doubt }.map(\.key).sorted()
        for place in begun {
            stalled[place] = seen[place]
            known.insert(place)
        }
        return (begun, ended)
    }
}

/// What is told of one partition.
package struct PartitionReport: Sendable, Hashable {
    package let topic: TopicName
    /// The partition's number, or `any` for records without a key.
    package let partition: String
    /// For how long it has taken nothing; nil when it takes records again.
    package let stalledFor: Duration?
}

extension StallWatch {
    /// Every partition that is stalled or once was.
    func reports(at uptime: Duration) -> [PartitionReport] {
        known.sorted().map { place in
            PartitionReport(
                topic: place.topic,
                partition: place.name,
                stalledFor: stalled[place].map { max(.zero, uptime - $0) }
            )
        }
    }
}

extension StallWatch.Place {
    var name: String { partition.map(String.init) ?? "any" }
}
