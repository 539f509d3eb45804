/// Whether Kafka has been reached lately and, if not, what the last fault was; a value, told of events and the time.
package struct BrokerHealth: Sendable {
    /// How long a sign of life counts.
    package static let freshness = Duration.seconds(30)

    private var reachedAt: Duration?
    private var fault: (code: String, detail: String, at: Duration)?

    package init() {}

    package mutating func reached(at uptime: Duration) { reachedAt = uptime }

    /// A fault of the connection; one that says more than "unreachable" is not overwritten by one that does not.
    package mutating func failed(code: String, detail: String, at uptime: Duration) {
        if let fault, Self.isVague(code), !Self.isVague(fault.code), uptime - fault.at < Self.freshness { return }
        fault = (code, detail, uptime)
    }

    package func isConnected(at uptime: Duration) -> Bool {
        reachedAt.map { uptime - $0 <= Self.freshness } ?? false
    }

    /// When Kafka last gave a sign of life.
    package var lastSign: Duration? { reachedAt }

    /// The last fault since Kafka was last reached.
    package var lastFault: (code: String, detail: String)? {
        guard let fault, reachedAt.map({ $0 < fault.at }) ?? true else { return nil }
        return (fault.code, fault.detail)
    }

    private static func isVague(_ code: String) -> Bool {
        code == "transport" || code == "all_brokers_down" || code == "timed_out"
    }
}
