/// How long a sender that is turned away should wait: longer the longer it goes on, from 2 s to a minute.
struct RetryAdvice {
    private var failingSince: Duration?

    mutating func succeeded() { failingSince = nil }

    /// - Returns: seconds for `Retry-After`.
    mutating func failed(at uptime: Duration) -> Int {
        let since = failingSince ?? uptime
        failingSince = since
        return max(2, min(60, Int((uptime - since).components.seconds) / 2))
    }
}
