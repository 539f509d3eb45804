import ArgyleAPI
import FoundationEssentials
import RelayCore
import Testing

@Suite("The examination of subscriptions", .timeLimit(.minutes(5)))
struct SubscriptionExaminationTests {
    private static let secret = "the-secret-that-nobody-sees"
    private let known = Array(secret.utf8)

    private func subscription(_ json: String) throws -> WebhookSubscription {
        try JSONDecoder().decode(
            WebhookSubscription.self,
            from: Data(#"{"id":"1","events":["users.fully_synced"],"name":"n","url":"https://r.example/x",\#(json)"created_at":null}"#.utf8)
        )
    }

    private func faults(_ json: String, required: Bool = true, accept: [String] = ["*.fully_synced"]) throws -> [SubscriptionExamination
        .Fault]
    {
        SubscriptionExamination(secrets: [Array("another".utf8), known], required: required, filter: EventFilter(accept))
            .faults(of: try subscription(json))
    }

    @Test("finds a secret that is none of the relay's, and none where one is wanted")
    func secrets() throws {
        #expect(try faults(#""secret":"the-secret-that-nobody-sees","#) == [])
        #expect(try faults(#""secret":"the-secret-that-nobody-seeS","#) == [.foreignSecret])
        #expect(try faults(#""secret":"the","#, required: false) == [.foreignSecret])
        for none in [#""secret":null,"#, #""secret":"","#] {
            #expect(try faults(none) == [.unsigned])
            #expect(try faults(none, required: false) == [])
        }
        // An API that does not show it accuses nobody.
        #expect(try faults("") == [])
    }

    @Test("finds that none of the events is accepted")
    func events() throws {
        let secret = #""secret":"the-secret-that-nobody-sees","#
        #expect(try faults(secret, accept: ["paystubs.*"]) == [.nothingAccepted])
        #expect(try faults(#""secret":"x","#, accept: []) == [.foreignSecret, .nothingAccepted])
        let all = WebhookSubscription(id: "1", events: ["*"], name: "n", url: "u")
        #expect(SubscriptionExamination(secrets: [], required: false, filter: EventFilter(["paystubs.*"])).faults(of: all) == [])
        let one = WebhookSubscription(id: "1", events: ["accounts.added", "paystubs.added"], name: "n", url: "u")
        #expect(SubscriptionExamination(secrets: [], required: false, filter: EventFilter(["paystubs.*"])).faults(of: one) == [])
    }

    @Test("a secret is told by its place alone, and is neither printed, reflected nor encoded")
    func unseen() throws {
        let subscription = try subscription(#""secret":"\#(Self.secret)","#)
        #expect(subscription.signing.position(among: [[], known]) == 1)
        #expect(subscription.signing.position(among: [known, known]) == 0)
        #expect(subscription.signing.position(among: []) == nil)
        #expect(
            subscription.signing == SigningSecret(Self.secret) && subscription.signing != SigningSecret("other")
                && subscription.signing != .untold
        )
        let encoded = String(decoding: try JSONEncoder().encode(subscription), as: UTF8.self)
        var dumped = ""
        dump(subscription, to: &dumped)
        for text in [encoded, dumped, "\(subscription)", String(reflecting: subscription)] {
            #expect(!text.contains("nobody-sees"), "\(text)")
        }
    }

    @Test("a relay's own are known by their URL, or by its path at whatever host")
    func targets() {
        let subscription = { (url: String) in WebhookSubscription(id: "1", events: [], name: "n", url: url) }
        let path = DeliveryTarget.path("/webhooks/argyle")
        for url in ["https://a.example/webhooks/argyle", "https://b.example:8443/webhooks/argyle/?x=1", "HTTP://c/webhooks/argyle#f"] {
            #expect(path.isReached(by: subscription(url)), "\(url)")
        }
        for url in [
            "https://a.example", "https://a.example/webhooks", "https://a.example/x/webhooks/argyle", "https://a.example/Webhooks/argyle",
        ] {
            #expect(!path.isReached(by: subscription(url)), "\(url)")
        }
        #expect(DeliveryTarget.path("/").isReached(by: subscription("https://a.example")))
        let url = DeliveryTarget.url("https://a.example/hook")
        #expect(url.isReached(by: subscription("HTTPS://A.example/hook/")))
        #expect(!url.isReached(by: subscription("https://b.example/hook")) && !url.isReached(by: subscription("https://a.example/Hook")))
    }
}
