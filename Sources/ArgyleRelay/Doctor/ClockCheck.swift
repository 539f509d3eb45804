import RelayCore

/// Whether the machine's clock can be right. Envelopes carry its time; only the obviously wrong is
/// seen, for there is nobody to ask: neither Kafka's protocol nor a library of ours tells the time.
enum ClockCheck {
    /// 2024-01-01 and 2100-01-01.
    private static let plausible = Timestamp(milliseconds: 1_704_067_200_000)..<Timestamp(milliseconds: 4_102_444_800_000)

    static func finding(now: Timestamp) -> Finding {
        guard plausible.contains(now) else {
            return .failed("clock", "it reads \(now)", "set it, and let NTP keep it: envelopes carry this time")
        }
        return .ok("clock", "it reads \(now); whether that is right to the second is for you to compare")
    }
}
