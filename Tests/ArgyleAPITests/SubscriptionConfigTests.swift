import ArgyleAPI
import FoundationEssentials
import Testing

@Suite("A subscription's config", .timeLimit(.minutes(5)))
struct SubscriptionConfigTests {
    private func read(_ json: String) throws -> SubscriptionConfig {
        try JSONDecoder().decode(SubscriptionConfig.self, from: Data(json.utf8))
    }

    @Test(
        "says nothing where its members are absent, null, false or empty",
        arguments: ["{}", #"{"include_resource":false,"days_synced":null,"items":[]}"#, #"{"items":null,"later":{}}"#]
    )
    func nothing(json: String) throws {
        #expect(try read(json) == .none)
        #expect(try read(json).isNone)
    }

    @Test("is equal to another where Argyle would deliver the same, whatever the order")
    func equal() throws {
        let wanted = SubscriptionConfig(includeResource: true, daysSynced: 30, items: ["item_2", "item_1", "item_2"])
        #expect(try read(#"{"items":["item_1","item_2"],"days_synced":30,"include_resource":true}"#) == wanted)
        #expect(wanted.description == "days_synced=30 include_resource=true items=item_1,item_2")
        for other in [#"{"include_resource":true}"#, #"{"items":["item_1"],"days_synced":30,"include_resource":true}"#] {
            #expect(try read(other) != wanted)
        }
    }

    @Test("keeps and compares what Argyle may add one day")
    func unknown() throws {
        let json = #"{"days_synced":30,"later":{"a":[1,2.5,"x",true,null]}}"#
        let config = try read(json)
        #expect(config != SubscriptionConfig(daysSynced: 30))
        let encoded = try JSONEncoder().encode(config)
        #expect(try JSONDecoder().decode(SubscriptionConfig.self, from: encoded) == config)
        #expect(config.description == "days_synced=30 later={a=1,2.5,x,true,null}")
    }
}
