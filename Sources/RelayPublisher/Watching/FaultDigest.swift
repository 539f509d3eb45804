/// Which faults of the connection get a line in the log: each kind of a broker when it shows, and once a minute while it lasts. librdkafka
/// reports one with every try, some twenty a second, for as long as an outage lasts.
struct FaultDigest {
    static let interval = Duration.seconds(60)
    /// Kinds that are told apart; beyond that all are told anew.
    private static let maximumKinds = 64

    private struct Told {
        var at: Duration
        var untold = 0
    }

    private var told: [String: Told] = [:]
    private var isFailing = false

    init() {}

    /// Nil for a fault that is not to be told now; else how many like it were not told since the last that was.
    mutating func untoldBefore(code: String, detail: String, at uptime: Duration) -> Int? {
        isFailing = true
        // librdkafka begins with the broker's name (`host:port/id`), where it speaks of one, and goes on with what differs each time.
        let name = detail.prefix { $0 != " " }
        let kind = name.utf8.contains(0x3A) ? "\(code) \(name)" : code
        guard let last = told[kind] else {
            if told.count >= Self.maximumKinds { told = [:] }
            told[kind] = Told(at: uptime)
            return 0
        }
        guard uptime - last.at >= Self.interval else {
            told[kind]?.untold += 1
            return nil
        }
        told[kind] = Told(at: uptime)
        return last.untold
    }

    /// True the first time that Kafka is reached after a fault. What was told lately is not told again all the same: of three brokers one may be away.
    mutating func reached() -> Bool {
        defer { isFailing = false }
        return isFailing
    }
}
