extension Duration {
    /// Whole milliseconds as librdkafka takes them; never negative (which would mean "for ever") and at most 24 days.
    var milliseconds: Int32 {
        let (seconds, attoseconds) = components
        guard seconds >= 0, attoseconds >= 0 else { return 0 }
        guard seconds < 2_000_000 else { return 2_000_000_000 }
        return Int32(seconds * 1000 + attoseconds / 1_000_000_000_000_000)
    }
}
