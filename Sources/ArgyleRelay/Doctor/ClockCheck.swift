import RelayCore

/// Whether the machine's clock can be right. Envelopes carry its time; only the obviously wrong is
/// seen, for there is nobody to ask but the outbox that was written last: neither Kafka's protocol nor a library of ours tells the time.
enum ClockCheck {
    /// 2024-01-01 and 2100-01-01.
    private static let plausible = Timestamp(milliseconds: 1_704_067_200_000)..<Timestamp(milliseconds: 4_102_444_800_000)

    /// - Parameter written: when the outbox was written last, by this clock as it was then; nil where that cannot be told.
    static func finding(now: Timestamp, written: Timestamp?) -> Finding {
        guard plausible.contains(now) else {
            return .failed("clock", "it reads \(now)", "set it, and let NTP keep it: envelopes carry this time")
        }
        if let written, written.elapsed(since: now) >= .seconds(60) {
            return .warning(
                "clock",
                "it reads \(now), and the outbox was written last at \(written), which is later",
                "set it, and let NTP keep it: envelopes carry this time"
            )
        }
        if let written, now.elapsed(since: written) >= .seconds(86_400) {
            return .warning(
                "clock",
                "it reads \(now), and the outbox was written last at \(written)",
                "if no relay ran for so long, all is well; if one did, set the clock: what is kept ages by elapsed time meanwhile"
            )
        }
        return .ok("clock", "it reads \(now); whether that is right to the second is for you to compare")
    }
}
