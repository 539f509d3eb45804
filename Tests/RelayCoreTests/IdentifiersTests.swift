import RelayCore
import Testing

@Suite("Identifiers", .timeLimit(.minutes(5)))
struct IdentifiersTests {
    @Test("fold the case of a user that is a UUID, and of no other")
    func users() {
        #expect(UserID(Sample.user.uppercased())?.text == Sample.user)
        #expect(UserID("Alice")?.text == "Alice")
        #expect(UserID("018051AA-F7A9-A0DB-2F38-6CFA325E9D6G")?.text == "018051AA-F7A9-A0DB-2F38-6CFA325E9D6G")
        #expect(AccountID("ABC")?.text == "abc")
    }

    @Test("hold nothing that separates the parts of a fact's name", arguments: ["", "a,b", "a|b", "a b", "é", "a\u{0}", "\n", "a\"b"])
    func refused(text: String) {
        #expect(UserID(text) == nil)
        #expect(AccountID(text) == nil)
        #expect(EventName(text) == nil)
        #expect(TopicName(text) == nil)
    }

    @Test("are bounded")
    func bounds() {
        func name(_ count: Int) -> String { String(repeating: "a", count: count) }
        #expect(UserID(name(128)) != nil && UserID(name(129)) == nil)
        #expect(AccountID(name(128)) != nil && AccountID(name(129)) == nil)
        #expect(EventName(name(64)) != nil && EventName(name(65)) == nil)
        #expect(TopicName(name(249)) != nil && TopicName(name(250)) == nil)
        #expect(TopicName(".") == nil && TopicName("..") == nil && TopicName("...") != nil)
    }

    @Test("know a fully_synced event by its end")
    func fullySynced() {
        #expect(EventName("paystubs.fully_synced")?.isFullySynced == true)
        #expect(EventName("paystubs.fully_synced.x")?.isFullySynced == false)
        #expect(EventName("fully_synced")?.isFullySynced == false)
    }
}
