import RelayTestSupport
import Testing

@testable import RelayCore

@Suite("A fact that Argyle's API shows", .timeLimit(.minutes(1)))
struct ReconcilingTests {
    private let profile = """
        {
          "id": "018051AA-F7A9-A0DB-2F38-6CFA325E9D69", "created_at": "2023-04-27T07:02:01.279Z",
          "items_connected": ["item_000000001", "item_000000002"], "employers_connected": ["Whole Goods"],
          "external_metadata": { "rate": 1.10 }, "external_id": null, "added": 1
        }
        """

    private func body(_ profile: String?) throws(Unreadable) -> [UInt8] {
        guard let user = UserID(Sample.user) else { throw Unreadable(.userInvalid, "") }
        return try ReconciledBody.make(
            user: user,
            accounts: ConnectedSet(accounts: [Sample.second, Sample.first].compactMap(AccountID.init)),
            items: ["item_9"],
            employers: ["A \"B\""],
            profile: profile.map { Array($0.utf8) }
        )
    }

    @Test("has the id that its delivery has, and the members of the user byte for byte")
    func sameFact() throws {
        let fact = try Fact(reconciling: body(profile), after: 3, receivedAt: Sample.receivedAt)
        let delivered = try Sample.id(Sample.argyle)
        #expect(fact.id.description == delivered)
        #expect(fact.foundAfter == 3 && !fact.isDelivered && fact.secret == nil && fact.receivedAt == Sample.receivedAt)
        guard case .event(let event) = fact.content, case .userSync(let sync) = event.content else {
            Issue.record("no event of a user")
            return
        }
        #expect(event.origin == "reconcile" && event.subscription == nil && event.name == .usersFullySynced)
        #expect(text(sync.externalMetadata) == #"{ "rate": 1.10 }"#)
        #expect(text(sync.externalID) == "null")
        #expect(text(sync.items) == #"["item_000000001", "item_000000002"]"#)
        #expect(text(sync.createdAt) == #""2023-04-27T07:02:01.279Z""#)
        let delivery = Fact(recognising: try Sample.decode(Sample.argyle))
        #expect(delivery.isDelivered)
    }

    @Test("has what its accounts tell where the user is not shown")
    func withoutProfile() throws {
        let bytes = try body(nil)
        #expect(
            text(bytes) == """
                {"event":"users.fully_synced","data":{"user":"\(Sample.user)","resource":{"id":"\(Sample.user)",\
                "accounts_connected":["\(Sample.first)","\(Sample.second)"],"items_connected":["item_9"],\
                "employers_connected":["A \\"B\\""]}}}
                """
        )
        _ = try Fact(reconciling: bytes, after: 0, receivedAt: Sample.receivedAt)
    }

    @Test(
        "is not made of another user, of none, or of what is no object",
        arguments: [
            (#"{"id":"018051aa-f7a9-a0db-2f38-6cfa325e9d60"}"#, Unreadable.Code.userMismatch), ("{}", .userMismatch),
            (#"{"id":7}"#, .userMismatch), ("[]", .notAnObject), ("<html>", .notJSON), ("", .notJSON),
            (#"{"id":"018051aa-f7a9-a0db-2f38-6cfa325e9d69","external_id":1,"external_id":2}"#, .duplicateMember),
        ]
    )
    func profiles(profile: String, code: Unreadable.Code) {
        let fault = caught(Unreadable.self) { try body(profile) }
        #expect(fault?.code == code)
    }

    @Test(
        "is refused where it is no users.fully_synced with accounts",
        arguments: [
            (#"{"event":"users.fully_synced","data":{"user":"u","resource":{"items_connected":["i"]}}}"#, Unreadable.Code.accountsMissing),
            (#"{"event":"users.fully_synced","data":{"user":"u","resource":{}}}"#, .accountsMissing),
            (#"{"event":"paystubs.fully_synced","data":{"user":"u","resource":{"accounts_connected":[]}}}"#, .eventInvalid),
            (#"{"data":{"user":"u","resource":{"accounts_connected":[]}}}"#, .eventInvalid),
            (#"{"event":"users.fully_synced","data":{"resource":{"accounts_connected":[]}}}"#, .userMissing), ("x", .notJSON),
        ]
    )
    func bodies(body: String, code: Unreadable.Code) {
        let fault = caught(Unreadable.self) { try Fact(reconciling: Array(body.utf8), after: 0, receivedAt: Sample.receivedAt) }
        #expect(fault?.code == code)
    }
}
