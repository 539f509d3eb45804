import RelayCore

/// How long a certificate still holds, and when that is worth a word.
enum CertificateTerm: Equatable {
    case long(days: Int)
    case short(days: Int)
    case over

    /// Enough for whoever renews by hand; what renews by itself does so thirty days before.
    static let notice = Duration.seconds(14 * 86_400)

    init(until expiry: Timestamp, now: Timestamp) {
        let left = expiry.elapsed(since: now)
        let days = Int(left.components.seconds / 86_400)
        self = left <= .zero ? .over : left <= Self.notice ? .short(days: days) : .long(days: days)
    }
}

/// When the log is to say that the certificate ends, as a value: at once for each one that is new, and again every day while it is near.
struct CertificateWatch {
    private static let pause = Duration.seconds(86_400)
    private var lastTold: Duration?

    /// Speaks of the next one at once, though it end on the same day.
    mutating func renewed() { lastTold = nil }

    /// What is to be said now; nil for nothing. To be asked as often as is convenient.
    mutating func look(at expiry: Timestamp, now: Timestamp, uptime: Duration) -> CertificateTerm? {
        let term = CertificateTerm(until: expiry, now: now)
        if case .long = term { return nil }
        if let lastTold, uptime - lastTold < Self.pause { return nil }
        lastTold = uptime
        return term
    }
}
