/// Where the time comes from: handed in where the program is composed, so that nothing below it asks a clock of its own.
package struct TimeSource: Sendable {
    /// Civil time, for receipts and records.
    package let now: @Sendable () -> Timestamp
    /// Time since some fixed moment, which never goes back; for durations.
    package let uptime: @Sendable () -> Duration

    package init(now: @escaping @Sendable () -> Timestamp, uptime: @escaping @Sendable () -> Duration) {
        self.now = now
        self.uptime = uptime
    }
}
