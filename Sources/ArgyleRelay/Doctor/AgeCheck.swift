import RelayConfiguration
import RelayCore

/// Whether a topic keeps what the relay brings late: after an outage, or in a replay. Kafka deletes by a record's timestamp, and refuses
/// timestamps beyond the topic's limits.
struct AgeCheck {
    let configuration: RelayConfiguration
    /// How long the oldest entry has waited; nil where none waits, or nobody can tell.
    let oldestWaiting: Duration?
    /// Clocks of well-kept machines differ by less.
    private static let clockDifference = Duration.seconds(60)

    func findings(topic: String, values: [String: String]) -> [Finding] {
        if values["message.timestamp.type"] == "LogAppendTime" {
            return [.ok("timestamps \(topic)", "the broker stamps records as they arrive: none arrives old")]
        }
        return [retention(topic, values), limits(topic, values)].compactMap(\.self)
    }

    private var age: Duration { configuration.kafka.maxTimestampAge }

    private func retention(_ topic: String, _ values: [String: String]) -> Finding? {
        guard let milliseconds = values["retention.ms"].flatMap({ Int64($0) }) else { return nil }
        let check = "retention.ms \(topic)"
        let deletes = values["cleanup.policy"]?.contains("delete") ?? true
        guard milliseconds >= 0, deletes else { return .ok(check, "records are kept whatever their age") }
        let kept = Duration.milliseconds(milliseconds)
        let found = "\(kept.readable), and kafka.max_timestamp_age is \(age.readable)"
        let advice = "set kafka.max_timestamp_age well below \(kept.readable), or raise retention.ms on the topic"
        guard age < kept else {
            // With a timestamp of receipt it is deleted at the next sweep, before anybody reads it.
            if let oldestWaiting, oldestWaiting >= kept, oldestWaiting <= age {
                return .failed(
                    check,
                    "\(found): the oldest entry that waits is \(oldestWaiting.readable) old and is deleted on arrival",
                    advice
                )
            }
            let replays =
                configuration.outbox.retention >= kept ? ", and replays, which reach back \(configuration.outbox.retention.readable)," : ""
            return .warning(check, "\(found): what comes after a longer outage\(replays) is deleted on arrival", advice)
        }
        guard age * 2 <= kept else {
            return .warning(check, "\(found): a late record is kept for no more than \((kept - age).readable)", advice)
        }
        return .ok(check, "\(found): late records and replays are kept for \((kept - age).readable) at least")
    }

    private func limits(_ topic: String, _ values: [String: String]) -> Finding? {
        let check = "message.timestamp \(topic)"
        let past = limit("message.timestamp.before.max.ms", values)
        let future = limit("message.timestamp.after.max.ms", values)
        if let past, past < age {
            let found = "before.max.ms is \(past.readable), and kafka.max_timestamp_age is \(age.readable)"
            let advice = "set kafka.max_timestamp_age to no more than \(past.readable), or raise it on the topic"
            if let oldestWaiting, oldestWaiting > past, oldestWaiting <= age {
                return .failed(
                    check,
                    "\(found): the oldest entry that waits is \(oldestWaiting.readable) old and is refused until then",
                    advice
                )
            }
            let replays =
                configuration.outbox.retention > past ? " and in replays, which reach back \(configuration.outbox.retention.readable)," : ""
            return .warning(check, "\(found): after an outage\(replays) what is between the two is refused until it is older", advice)
        }
        if let future, future < Self.clockDifference {
            return .warning(
                check,
                "after.max.ms is \(future.readable): a clock here that is ahead by more makes all records wait",
                "raise it on the topic (Kafka's default is an hour), and keep this machine's clock by NTP"
            )
        }
        return past == nil && future == nil ? nil : .ok(check, "the limits of the topic take every timestamp that a right clock makes")
    }

    /// Nil where there is none.
    private func limit(_ name: String, _ values: [String: String]) -> Duration? {
        values[name].flatMap { Int64($0) }.flatMap { $0 < 0 || $0 > 1 << 52 ? nil : .milliseconds($0) }
    }
}
