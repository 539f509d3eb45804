/// A delivery that was understood: one of the shapes of section 4 of the contract.
///
/// Everything that decides what a fact is has been checked; what merely travels along is kept as slices of the delivered bytes.
package struct ArgyleEvent: Sendable {
    package let name: EventName
    /// The name of Argyle's subscription, which plays no part in identity.
    package let subscription: String?
    package let content: Content
    package let receivedAt: Timestamp
    package let secret: Int?
    /// The delivered bytes.
    package let body: [UInt8]
    /// The CloudEvents attribute of that name; nil for what Argyle delivered. It plays no part in identity.
    package var origin: String?

    package enum Content: Sendable {
        case userSync(UserSync)
        case accountSync(AccountSync)
        case other(OtherContent)
    }
}

/// `users.fully_synced`: what a user has connected, all of it retrieved.
/// Source: https://docs.argyle.com/api-reference/users-webhooks#users-fully-synced
package struct UserSync: Sendable {
    package let user: UserID
    package let connected: ConnectedSet
    /// Members that travel along, as JSON; nil where they were absent.
    package let items: [UInt8]?
    package let employers: [UInt8]?
    package let externalID: [UInt8]?
    package let externalMetadata: [UInt8]?
    package let createdAt: [UInt8]?
    /// Where Argyle's `resource` lies in the body, when it holds members besides those above.
    package let more: Range<Int>?
}

/// `<resource>.fully_synced` of one account.
package struct AccountSync: Sendable {
    package let user: UserID
    package let account: AccountID
    /// As JSON, nil where absent.
    package let availableFrom: JSONScalar?
    package let availableTo: JSONScalar?
    package let availableCount: JSONScalar?
    /// Where Argyle's `data` lies in the body, when it holds members besides those above.
    package let more: Range<Int>?
}

/// A string, number, `true` or `false`: its text for an identity, its JSON for an envelope.
package struct JSONScalar: Sendable, Equatable {
    package let text: String
    package let json: [UInt8]
}

/// Any other accepted event: its `data` travels unchanged.
package struct OtherContent: Sendable {
    package let user: UserID?
    /// As JSON; `null` where it was absent.
    package let data: [UInt8]
}
