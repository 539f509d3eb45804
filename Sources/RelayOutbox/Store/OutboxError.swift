/// What can go wrong with the store, for the operator; keeps its cause.
package enum OutboxError: Error, Equatable, Sendable {
    // At start.
    case inUse(path: String)
    case notAnOutbox(path: String, found: String)
    case newerSchema(path: String, found: Int64, known: Int64)
    case cannotOpen(path: String, cause: String)
    // While running.
    case full
    case diskLow
    case failed(SQLiteError)
    /// It does not answer in time; what was asked may be done all the same.
    case slow
    /// The file is not where it was opened; says what is there.
    case displaced(String)
    case closed
    /// The topic's name for this event is longer than Kafka takes.
    case unroutable
}

extension OutboxError: CustomStringConvertible {
    package var description: String {
        switch self {
        case .inUse(let path):
            "\(path) is in use by another process: one relay at a time may open an outbox; stop the other one or set outbox.path"
        case .notAnOutbox(let path, let found):
            "\(path) is not an outbox of argyle-relay (\(found)): set outbox.path to another file; this one was not touched"
        case .newerSchema(let path, let found, let known):
            "\(path) has schema \(found), this argyle-relay knows up to \(known): run the newer version that wrote it"
        case .cannotOpen(let path, let cause):
            "\(path) cannot be opened for writing: \(cause)"
        case .full: "outbox.max_pending entries are waiting for Kafka"
        case .diskLow: "less than outbox.min_free_disk is free"
        case .failed(let cause): "the store failed: \(cause)"
        case .slow: "the store does not answer in time; try again"
        case .displaced(let what): "the outbox is not where it was: \(what)"
        case .closed: "the outbox is closed"
        case .unroutable: "the topic's name for this event is longer than Kafka takes; shorten kafka.topic"
        }
    }
}
