/// Reads a verified body by the bytes of the shape that Argyle documents.
///
/// Tolerant of unknown members, which travel along, of member order, white space and escapes; strict about what a fact needs. Refuses known
/// members that stand twice: two readers could take different ones for true.
package struct EventDecoder: Sendable {
    package init() {}

    package func decode(_ delivery: VerifiedDelivery) throws(Unreadable) -> ArgyleEvent {
        let (name, subscription, data) = try outline(of: delivery.body)
        return ArgyleEvent(
            name: name,
            subscription: subscription,
            content: try content(of: name, data: data, in: delivery.body),
            receivedAt: delivery.receivedAt,
            secret: delivery.secret,
            body: delivery.body
        )
    }

    /// Checks the whole text once and finds the three members that matter.
    private func outline(of body: [UInt8]) throws(Unreadable) -> (EventName, String?, Range<Int>?) {
        if body.isEmpty { throw Unreadable(.emptyBody, "the body is empty") }
        var scanner = JSONScanner(body)
        let members = try scanner.outermostMembers(["event", "name", "data"])
        guard let event = members[0] else { throw Unreadable(.eventMissing, "the member event is missing") }
        guard let name = try scanner.string(at: event, named: "event").flatMap(EventName.init) else {
            throw Unreadable(.eventInvalid, "event must be a name such as users.fully_synced")
        }
        let subscription = members[1].flatMap { try? scanner.string(at: $0, named: "name") }
        return (name, subscription, members[2])
    }

    private func content(of name: EventName, data: Range<Int>?, in body: [UInt8]) throws(Unreadable) -> ArgyleEvent.Content {
        if name == .usersFullySynced { return .userSync(try UserSync(data: data, in: body)) }
        if name.isFullySynced, let data, let account = try AccountSync(data: data, in: body) { return .accountSync(account) }
        return .other(try OtherContent(data: data, in: body))
    }
}
