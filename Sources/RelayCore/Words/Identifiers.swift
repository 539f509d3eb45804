/// The user a fact is about, as Argyle names it; UUIDs are lower-case, so that case never makes two users of one.
package struct UserID: Hashable, Sendable {
    package let text: String

    /// Nil unless `text` is 1–128 bytes of ASCII letters, digits, `-`, `_`, `.` or `:` (what an identifier may hold without
    /// making the names of section 4 of the contract ambiguous).
    package init?(_ text: String) {
        guard IdentifierSyntax.allows(text) else { return nil }
        self.text = IdentifierSyntax.folded(text)
    }
}

/// A payroll account, always lower-case.
package struct AccountID: Hashable, Sendable {
    package let text: String

    /// Nil unless `text` follows the same syntax as ``UserID``.
    package init?(_ text: String) {
        guard IdentifierSyntax.allows(text) else { return nil }
        self.text = text.lowercased()
    }
}

/// What Argyle calls the event, such as `users.fully_synced`.
package struct EventName: Hashable, Sendable {
    package static let usersFullySynced = EventName(unchecked: "users.fully_synced")
    /// Bytes that a name may have. Every ``TopicTemplate`` leaves room for them.
    static let longest = 64

    package let text: String

    /// Nil unless `text` is 1–64 bytes of ASCII letters, digits, `_`, `-` or `.`: it becomes part of a topic's name.
    package init?(_ text: String) {
        guard
            (1...Self.longest).contains(text.utf8.count),
            text.utf8.allSatisfy({ IdentifierSyntax.isAlphanumeric($0) || $0 == 0x5F || $0 == 0x2D || $0 == 0x2E })
        else { return nil }
        self.text = text
    }

    private init(unchecked text: String) { self.text = text }

    /// Whether all data of something has been retrieved: `<resource>.fully_synced`.
    package var isFullySynced: Bool { text.hasSuffix(".fully_synced") }
}

/// The name of a Kafka topic.
package struct TopicName: Hashable, Sendable {
    /// The default of `kafka.dead_letter_topic`.
    package static let deadLetters = TopicName(unchecked: "argyle.dead-letter")

    package let text: String

    /// Nil unless Kafka takes it: 1–249 bytes of ASCII letters, digits, `.`, `_`, `-`, and neither `.` nor `..`.
    package init?(_ text: String) {
        guard
            (1...249).contains(text.utf8.count), text != ".", text != "..",
            text.utf8.allSatisfy({ IdentifierSyntax.isAlphanumeric($0) || $0 == 0x5F || $0 == 0x2D || $0 == 0x2E })
        else { return nil }
        self.text = text
    }

    private init(unchecked text: String) { self.text = text }
}

/// Which bytes an identifier may hold, and how its case is folded.
enum IdentifierSyntax {
    static func isAlphanumeric(_ byte: UInt8) -> Bool {
        (0x30...0x39).contains(byte) || (0x41...0x5A).contains(byte) || (0x61...0x7A).contains(byte)
    }

    static func allows(_ text: String) -> Bool {
        (1...128).contains(text.utf8.count)
            && text.utf8.allSatisfy { isAlphanumeric($0) || $0 == 0x2D || $0 == 0x5F || $0 == 0x2E || $0 == 0x3A }
    }

    /// A UUID in lower case, anything else as it is: only of UUIDs is it known that case does not matter (RFC 9562, section 4).
    static func folded(_ text: String) -> String { isUUID(text) ? text.lowercased() : text }

    private static func isUUID(_ text: String) -> Bool {
        guard text.utf8.count == 36 else { return false }
        var position = 0
        for byte in text.utf8 {
            defer { position += 1 }
            switch position {
            case 8, 13, 18, 23: guard byte == 0x2D else { return false }
            default: guard Hexadecimal.value(of: byte) != nil else { return false }
            }
        }
        return true
    }
}
