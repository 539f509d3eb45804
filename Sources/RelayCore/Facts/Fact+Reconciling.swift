extension Fact {
    /// The origin of what no delivery said.
    package static let reconciled = "reconcile"

    /// What Argyle's API shows of a user and no delivery has said, under the id that the delivery would have had.
    ///
    /// Refuses all that decoding a delivery of `users.fully_synced` refuses, and bodies that know no accounts.
    /// - Parameters:
    ///   - body: as of ``ReconciledBody``.
    ///   - revision: the user's, as of the look-up that it was found against; 0 of a user without a set.
    package init(reconciling body: [UInt8], after revision: Int64, receivedAt: Timestamp) throws(Unreadable) {
        var scanner = JSONScanner(body)
        let members = try scanner.outermostMembers(["event", "data"])
        let name = try members[0].flatMap { (range) throws(Unreadable) in try scanner.string(at: range, named: "event") }
        guard name == EventName.usersFullySynced.text else { throw Unreadable(.eventInvalid, "event must be users.fully_synced") }
        let sync = try UserSync(data: members[1], in: body)
        guard sync.connected.kind == .accounts else { throw Unreadable(.accountsMissing, "accounts_connected is missing") }
        let event = ArgyleEvent(
            name: .usersFullySynced,
            subscription: nil,
            content: .userSync(sync),
            receivedAt: receivedAt,
            secret: nil,
            body: body,
            origin: Self.reconciled
        )
        self.init(recognising: event, foundAfter: revision)
    }
}
