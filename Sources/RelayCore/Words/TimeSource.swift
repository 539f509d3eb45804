/// Where the time comes from: handed in where the program is composed, so that nothing below it asks a clock of its own.
package struct TimeSource: Sendable {
    /// Civil time, for receipts and records.
    package let now: @Sendable () -> Timestamp
    /// Time since some fixed moment, which never goes back; for durations.
    package let uptime: @Sendable () -> Duration
    /// Time since the machine was started, its sleep included; nil where that is not known. It tells how long nothing ran.
    package let sinceBoot: @Sendable () -> BootTime?

    /// A time of one start of the machine.
    package struct BootTime: Sendable {
        /// The same until the next start, and never again.
        package let id: String
        package let elapsed: Duration

        package init(id: String, elapsed: Duration) {
            self.id = id
            self.elapsed = elapsed
        }
    }

    package init(
        now: @escaping @Sendable () -> Timestamp,
        uptime: @escaping @Sendable () -> Duration,
        sinceBoot: @escaping @Sendable () -> BootTime? = { nil }
    ) {
        self.now = now
        self.uptime = uptime
        self.sinceBoot = sinceBoot
    }
}
