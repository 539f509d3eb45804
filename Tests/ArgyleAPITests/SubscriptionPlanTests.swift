import ArgyleAPI
import Testing

@Suite("The plan of subscriptions", .timeLimit(.minutes(5)))
struct SubscriptionPlanTests {
    private let wanted = WantedSubscription(events: ["a.b", "c.d"], name: "relay", url: "https://r.example/x", secret: nil)

    private func existing(_ id: String, _ events: [String] = ["c.d", "a.b"], name: String = "relay", url: String = "https://r.example/x")
        -> WebhookSubscription
    {
        WebhookSubscription(id: id, events: events, name: name, url: url)
    }

    @Test("does nothing where one is as wanted, in whatever order its events are")
    func nothing() {
        let plan = SubscriptionPlan(for: wanted, existing: [existing("1"), existing("2", name: "else", url: "https://e.example")])
        #expect(plan.changesNothing && plan.kept?.id == "1" && !plan.creates)
    }

    @Test("makes the first one")
    func first() {
        let plan = SubscriptionPlan(for: wanted, existing: [])
        #expect(plan.creates && plan.replaced == [] && !plan.changesNothing)
    }

    @Test(
        "replaces one of the same name whose URL or events differ, and one to the same URL that asks for nothing more",
        arguments: [
            WebhookSubscription(id: "1", events: ["a.b", "c.d"], name: "relay", url: "https://old.example"),
            WebhookSubscription(id: "1", events: ["a.b"], name: "relay", url: "https://r.example/x"),
            WebhookSubscription(id: "1", events: ["a.b", "c.d", "e.f"], name: "relay", url: "https://r.example/x"),
            WebhookSubscription(id: "1", events: ["a.b"], name: "other", url: "https://r.example/x"),
        ]
    )
    func replaces(old: WebhookSubscription) {
        let plan = SubscriptionPlan(for: wanted, existing: [old])
        #expect(plan.creates && plan.replaced == [old])
    }

    @Test("leaves one alone that asks for other events at the same URL, and says so")
    func beside() {
        let other = existing("1", ["a.b", "e.f"], name: "other")
        let plan = SubscriptionPlan(for: wanted, existing: [other])
        #expect(plan.creates && plan.replaced == [] && plan.beside == [other])
    }

    @Test("removes the second of two that are as wanted")
    func twins() {
        let plan = SubscriptionPlan(for: wanted, existing: [existing("1"), existing("2")])
        #expect(plan.kept?.id == "1" && plan.replaced.map(\.id) == ["2"] && !plan.changesNothing)
    }

    @Test("leaves one with another config alone, whatever its name and events, and says so")
    func otherConfig() {
        let others = [
            WebhookSubscription(id: "1", events: ["a.b", "c.d"], name: "relay", url: "https://r.example/x", config: .init(daysSynced: 30)),
            WebhookSubscription(id: "2", events: ["a.b"], name: "else", url: "https://r.example/x", config: .init(includeResource: true)),
            WebhookSubscription(id: "3", events: ["a.b"], name: "relay", url: "https://old.example", config: .init(items: ["item_1"])),
        ]
        let plan = SubscriptionPlan(for: wanted, existing: others)
        #expect(plan.creates && plan.replaced == [] && plan.beside == others)
        let configured = WantedSubscription(
            events: ["a.b", "c.d"],
            name: "relay",
            url: "https://r.example/x",
            config: .init(daysSynced: 30),
            secret: nil
        )
        let second = SubscriptionPlan(for: configured, existing: others + [existing("4")])
        #expect(second.kept?.id == "1" && second.replaced == [] && second.beside.map(\.id) == ["2", "3", "4"])
    }

    @Test("keeps the one of two that signs with the earliest of the relay's secrets")
    func keptBySecret() {
        let twins = ["old", "unknown", "new"].map {
            WebhookSubscription(id: $0, events: ["a.b", "c.d"], name: "relay", url: "https://r.example/x", signing: SigningSecret($0))
        }
        let plan = SubscriptionPlan(for: wanted, existing: twins, secrets: [Array("new".utf8), Array("old".utf8)])
        #expect(plan.kept?.id == "new" && plan.replaced.map(\.id) == ["old", "unknown"])
    }

    @Test("a rotation replaces even what is as wanted")
    func rotates() {
        let plan = SubscriptionPlan(for: wanted, existing: [existing("1")], rotates: true)
        #expect(plan.creates && plan.replaced.map(\.id) == ["1"])
    }
}
