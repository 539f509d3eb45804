/// What befalls a store beside answering: news for the operator, each once when it begins and once when it is over.
package enum OutboxNotice: Equatable, Sendable {
    /// The files are no longer where they were opened, or cannot be looked at there.
    case displaced(String)
    case inPlaceAgain(path: String)
    /// Commits take longer than deliveries may wait.
    case slow(path: String)
    case wellAgain(after: Duration)
    /// The machine's clock does not show what elapsed time bears out.
    case clock(ClockJump)
    /// Closing could not write down how far rows have aged; why.
    case ageingUnsaved(String)
}

extension OutboxNotice: CustomStringConvertible {
    package var description: String {
        switch self {
        case .displaced(let what):
            """
            the outbox is not where it was: \(what). Deliveries are answered 503 store_failed. Put back what was there and the relay goes \
            on by itself; after anything else stop the relay, which writes all it holds into the file it has open, see to the files, and start it again
            """
        case .inPlaceAgain(let path): "the outbox is back at \(path): deliveries are taken again"
        case .slow(let path):
            """
            the store does not answer in time: deliveries that have waited for http.answer_timeout are answered 503 store_slow; \
            look at the disk that holds \(path)
            """
        case .wellAgain(let duration): "the store answers in time again, after \(duration.told)"
        case .clock(let jump): jump.description
        case .ageingUnsaved(let reason): "the outbox was closed without writing down its clock, which loses up to a minute: \(reason)"
        }
    }
}

extension Duration {
    /// In the two largest units, for people.
    var told: String {
        let seconds = components.seconds
        if seconds < 60 { return "\(seconds) s" }
        if seconds < 3600 { return "\(seconds / 60) min \(seconds % 60) s" }
        if seconds < 86_400 { return "\(seconds / 3600) h \(seconds / 60 % 60) min" }
        return "\(seconds / 86_400) d \(seconds / 3600 % 24) h"
    }
}
