import RelayCore
import RelayOutbox

/// What is to be told of an event whose name was there before, or came again.
extension EventRecord {
    func repeatsTold(_ now: Timestamp) -> [String] { [turn, later, resentTold(now)].compactMap(\.self) }

    /// Why it is a fact although its name was known.
    private var turn: String? {
        guard let again, again.number > 1 else { return nil }
        let others = [
            again.first == again.before ? nil : "the first is \(again.first)", again.before.map { "the one before is \($0)" },
        ].compactMap(\.self).joined(separator: ", ")
        let why =
            change == nil
            ? "An event like it carries ids alone, and these bytes came again later than dedup.window after the fact before"
            : "Its set was known, and came again with something new later than dedup.window after the last copy, with dedup.resent: publish"
        return "\(why): it is number \(again.number) of its name (\(others))."
    }

    private var later: String? {
        guard let again, again.number < again.count else { return nil }
        let what = change == nil ? "Its bytes" : "Its set"
        return "\(what) came again as news since: the last is number \(again.count), \(again.last), and copies are now copies of that one."
    }

    /// Copies that `dedup.resent: suppress` kept from being news.
    private func resentTold(_ now: Timestamp) -> String? {
        guard let resent, let last = resent.last else { return nil }
        let told = resent.suffix(5).map { "\($0.received.told(now)), \(Self.wouldBe($0.change))" }.joined(separator: "; ")
        let more = last.number > 5 ? ", the last of them" : ""
        return last.number == 1
            ? "One of the copies came later than dedup.window after the one before and would have been a fact of its own with dedup.resent: publish: \(told)."
            : "\(last.number) of the copies came later than dedup.window after the one before and would have been facts of their own with "
                + "dedup.resent: publish\(more): \(told)."
    }

    private static func wouldBe(_ change: String) -> String {
        switch change {
        case "amended": "with another external_id, external_metadata, items_connected or employers_connected than the user's current fact"
        case "initial": "when no set of the user was known any more"
        default: "when the user's set was another (\(change))"
        }
    }
}
