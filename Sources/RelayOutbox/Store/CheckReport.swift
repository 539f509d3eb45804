/// What a look at every row and page of the outbox has found.
package struct CheckReport: Codable, Sendable, Equatable {
    package var entries: Int
    package var facts: Int
    package var users: Int
    /// One line each; at most a hundred of a kind.
    package var faults: [String]
    /// Entries that were set aside because their rows cannot be read.
    package var damaged: [Int64]
    package var isSound: Bool { faults.isEmpty && damaged.isEmpty }
}

/// What a backup has written.
package struct BackupReport: Codable, Sendable, Equatable {
    package var path: String
    package var bytes: Int
    package var entries: Int
}

/// Why there is no backup.
package enum BackupFault: Error, Equatable, Sendable {
    /// The copy's file: there already, no folder, no room.
    case notWritten(String)
    case outbox(OutboxError)
}
