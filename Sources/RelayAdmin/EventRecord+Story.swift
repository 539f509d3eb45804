package import RelayCore
package import RelayOutbox

extension EventRecord {
    /// What became of the event, in sentences, for whoever asks why it is, or is not, in Kafka.
    package func story(now: Timestamp) -> [String] {
        let beginning: [String?] = [arrival(now), decision, copies(now)]
        let state: [String?] = [outcome(now), rerouteAdvice]
        let history: [[String]] = [attemptsTold(now), reroutesTold(now), replaysTold(now)]
        return beginning.compactMap(\.self) + repeatsTold(now) + state.compactMap(\.self) + history.flatMap(\.self)
    }

    /// What to do about an event whose topic nothing is routed to any more; nil for any other.
    package var rerouteAdvice: String? {
        guard let topic, let topicInForce else { return nil }
        return
            "Nothing like it is routed to topic \(topic) any more: 'argyle-relay outbox reroute --topic \(topic)' gives it topic \(topicInForce), "
            + "which is in force now."
    }

    private func arrival(_ now: Timestamp) -> String {
        let name = event.map { "\($0)\(user.map { " of user \($0)" } ?? "")" } ?? "A delivery that could not be read as an Argyle event"
        if let origin { return "\(name), \(id), was taken in by \(origin) \(received.told(now)): no delivery of it had come." }
        let signed = secret.map { "signed with secret \($0)" } ?? "not signed"
        return "\(name), \(id), was first delivered \(received.told(now)), \(signed)."
    }

    private var decision: String? {
        if let unreadable {
            return "It was genuine but unreadable (\(unreadable.code): \(unreadable.detail)); it goes to the dead-letter topic."
        }
        guard let change, let revision else { return nil }
        var text = "It was the user's fact number \(revision), "
        switch change {
        case "initial": text += "the first set that the relay knew of"
        case "grown": text += "a larger set than before"
        case "shrunk": text += "a smaller set than before, or an older one that came late"
        case "amended":
            text += "the same set as before, with another external_id, external_metadata, items_connected or employers_connected"
        default: text += "another set than before"
        }
        var parts: [String] = []
        if let added = accountsAdded, !added.isEmpty { parts.append("added \(added.joined(separator: ", "))") }
        if let removed = accountsRemoved, !removed.isEmpty { parts.append("removed \(removed.joined(separator: ", "))") }
        return text + (parts.isEmpty ? "." : ": \(parts.joined(separator: "; ")).")
    }

    private func copies(_ now: Timestamp) -> String? {
        guard duplicates > 0 else { return "No copy of it came." }
        let times = (suppressed ?? []).prefix(5).map { "\($0.received.told(now))\($0.secret.map { " (secret \($0))" } ?? "")" }
        let more = duplicates - times.count
        let list = times.isEmpty ? "" : ": \(times.joined(separator: ", "))\(more > 0 ? ", and \(more) more" : "")"
        return duplicates == 1
            ? "One copy came later and was suppressed\(list)." : "\(duplicates) copies came later and were suppressed\(list)."
    }

    private func outcome(_ now: Timestamp) -> String {
        let place = "\(topic ?? "its topic")"
        let tries = attempts.map { $0 == 1 ? "1 attempt" : "\($0) attempts" } ?? "some attempts"
        switch state {
        case .published:
            let at = offset.map { $0 < 0 ? "offset unknown" : "offset \($0)" } ?? "offset unknown"
            return
                "It is in Kafka: topic \(place), partition \(partition.map(String.init) ?? "?"), \(at), since \(settled?.told(now) ?? "?"), after \(tries)."
        case .pending where (attempts ?? 0) == 0: return "It is not in Kafka yet: it waits for its turn in topic \(place)."
        case .pending:
            return
                "It is not in Kafka yet: \(tries) failed, the last with \(fault). It is tried again until the cluster takes it; nothing needs doing here but to mend the cause."
        case .dead:
            return
                "It is dead since \(settled?.told(now) ?? "?"): after \(tries), \(fault). Mend the cause and run 'argyle-relay outbox retry \(id)', or 'outbox discard' it."
        case .discarded where discarded?.waited == true:
            let before = (attempts ?? 0) == 0 ? "and was never tried" : "after \(tries), the last with \(fault)"
            return
                "It is not in Kafka: it waited for topic \(place) \(before), and was given up \(discarded?.at.told(now) ?? "?"): \(discarded?.reason ?? "?")."
        case .discarded:
            return "It is not in Kafka: it was dead (\(fault)) and given up \(discarded?.at.told(now) ?? "?"): \(discarded?.reason ?? "?")."
        case .pruned:
            return
                "Its entry was published (or given up) and forgotten after outbox.retention; that the fact was seen is still known, where it is in Kafka is not."
        }
    }

    private var fault: String { error.map { "\($0.code): \($0.detail)" } ?? "no error is known" }

    private func attemptsTold(_ now: Timestamp) -> [String] {
        (failures ?? []).suffix(5).map { "Attempt \($0.at.told(now)) failed: \($0.code): \($0.detail)." }
    }

    private func reroutesTold(_ now: Timestamp) -> [String] {
        (rerouted ?? []).map { "It was rerouted \($0.at.told(now)); before, its topic was \($0.from)." }
    }

    private func replaysTold(_ now: Timestamp) -> [String] {
        (replays ?? []).map { replay in
            if let error = replay.error {
                return "Replay \(replay.id) could not publish it \(replay.at.told(now)): \(error.code): \(error.detail)."
            }
            return
                "Replay \(replay.id) published it once more \(replay.at.told(now)): partition \(replay.partition ?? -1), offset \(replay.offset ?? -1)."
        }
    }
}

extension Timestamp {
    /// `2026-11-23T09:12:55.123Z (3 h ago)`
    package func told(_ now: Timestamp) -> String { "\(self) (\(ago(now)))" }

    /// `12 s ago`, in one unit; a moment ahead says so.
    package func ago(_ now: Timestamp) -> String {
        if self > now { return "in \(advanced(by: .zero).distance(from: now))" }
        return "\(now.distance(from: self)) ago"
    }

    private func distance(from earlier: Timestamp) -> String {
        let seconds = elapsed(since: earlier).components.seconds
        switch seconds {
        case ..<60: return "\(seconds) s"
        case ..<3600: return "\(seconds / 60) min"
        case ..<172_800: return "\(seconds / 3600) h"
        default: return "\(seconds / 86_400) d"
        }
    }
}
