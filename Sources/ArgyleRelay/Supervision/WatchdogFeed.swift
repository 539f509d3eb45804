/// Whether the service manager's watchdog is to be fed, as a value: told of each part's beats and the time. One part that has not moved for half of
/// what the manager bears is enough to withhold it: the relay would take deliveries that it never answers, or publish none.
struct WatchdogFeed {
    enum Part: Hashable, CustomStringConvertible {
        case eventLoop(Int)
        case outboxWriter
        case kafkaPollThread

        var description: String {
            switch self {
            case .eventLoop(let number): "event loop \(number)"
            case .outboxWriter: "the outbox writer"
            case .kafkaPollThread: "the Kafka poll thread"
            }
        }
    }

    struct Verdict: Equatable {
        var feeds: Bool
        /// Stand still since this look.
        var stopped: [Part] = []
        /// Move again since this look.
        var moving: [Part] = []
    }

    /// How long the manager bears to hear nothing.
    let interval: Duration
    private var seen: [Part: (beat: Int?, since: Duration)] = [:]
    private var still: Set<Part> = []

    init(interval: Duration) { self.interval = interval }

    /// Parts beat about four times a second even when they have nothing to do.
    var patience: Duration { max(interval / 2, .seconds(1)) }
    /// How often to look and to feed.
    var pause: Duration { max(interval / 4, .milliseconds(50)) }

    /// - Parameter beats: a number for each part that is another one whenever the part has moved; nil for one that is not there, and ought to be.
    mutating func look(_ beats: [(part: Part, beat: Int?)], at uptime: Duration) -> Verdict {
        var verdict = Verdict(feeds: true)
        for (part, beat) in beats {
            let before = seen[part]
            let hasMoved = before.map { $0.beat != beat && beat != nil } ?? true
            if hasMoved { seen[part] = (beat, uptime) }
            let isStill = !hasMoved && uptime - (before?.since ?? uptime) >= patience
            if isStill { verdict.feeds = false }
            if isStill, still.insert(part).inserted { verdict.stopped.append(part) }
            if !isStill, still.remove(part) != nil { verdict.moving.append(part) }
        }
        return verdict
    }
}
