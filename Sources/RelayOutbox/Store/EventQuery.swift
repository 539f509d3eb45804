package import RelayCore

/// One page of events that is asked for.
package struct EventQuery: Equatable, Sendable {
    package static let largestPage = 500

    package var filter: OutboxFilter
    /// 1 to ``largestPage``; what lies beyond is brought back.
    package var limit: Int
    package var newestFirst: Bool
    package var includesData: Bool
    /// From where to go on; nil for the beginning.
    package var cursor: EventCursor?

    package init(
        filter: OutboxFilter = OutboxFilter(),
        limit: Int = 50,
        newestFirst: Bool = true,
        includesData: Bool = false,
        cursor: EventCursor? = nil
    ) {
        self.filter = filter
        self.limit = max(1, min(Self.largestPage, limit))
        self.newestFirst = newestFirst
        self.includesData = includesData
        self.cursor = cursor
    }
}

/// The place between two events where a listing goes on; its text is nobody's business but the relay's.
package enum EventCursor: Equatable, Sendable, CustomStringConvertible {
    /// Older than this sequence.
    case below(Int64)
    /// Newer than this sequence.
    case above(Int64)
    /// From this fact on along its user's facts.
    case fact(EventID)

    package init?(_ text: String) {
        if text.hasPrefix("u"), let id = EventID(String(text.dropFirst())) {
            self = .fact(id)
        } else if let sequence = Int64(text.dropFirst()), sequence >= 0, text.dropFirst().allSatisfy(\.isNumber) {
            switch text.first {
            case "b": self = .below(sequence)
            case "a": self = .above(sequence)
            default: return nil
            }
        } else {
            return nil
        }
    }

    package var description: String {
        switch self {
        case .below(let sequence): "b\(sequence)"
        case .above(let sequence): "a\(sequence)"
        case .fact(let id): "u\(id)"
        }
    }
}

/// Events in the order that was asked for; `next` leads on, and is nil at the end. A page may be short of its limit, or empty, and
/// still lead on: how much is looked at for one page is bounded.
package struct EventPage: Codable, Sendable {
    package var events: [EventRecord]
    package var next: String?

    package init(events: [EventRecord], next: String?) {
        self.events = events
        self.next = next
    }
}
