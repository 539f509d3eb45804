import FoundationEssentials
import Glibc
import RelayCore

extension TimeSource {
    /// The machine's clocks: the one place where they are read.
    static let system = TimeSource(
        now: {
            var time = timespec()
            clock_gettime(CLOCK_REALTIME, &time)
            return Timestamp(milliseconds: Int64(time.tv_sec) * 1000 + Int64(time.tv_nsec) / 1_000_000)
        },
        uptime: {
            var time = timespec()
            clock_gettime(CLOCK_MONOTONIC, &time)
            return .seconds(time.tv_sec) + .nanoseconds(time.tv_nsec)
        },
        sinceBoot: {
            guard let boot else { return nil }
            var time = timespec()
            guard clock_gettime(CLOCK_BOOTTIME, &time) == 0 else { return nil }
            return BootTime(id: boot, elapsed: .seconds(time.tv_sec) + .nanoseconds(time.tv_nsec))
        }
    )

    /// Of this start of the machine, as random(4) tells it; nil where it does not.
    private static let boot: String? = {
        guard let text = try? String(contentsOfFile: "/proc/sys/kernel/random/boot_id", encoding: .utf8) else { return nil }
        let id = text.split(separator: "\n").first.map(String.init)
        return id.flatMap { $0.isEmpty ? nil : $0 }
    }()
}
