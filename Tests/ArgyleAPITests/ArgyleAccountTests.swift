import FoundationEssentials
import RelayCore
import Testing

@testable import ArgyleAPI

@Suite("An account of Argyle's", .timeLimit(.minutes(1)))
struct ArgyleAccountTests {
    private static let now = Timestamp(milliseconds: 1_795_425_175_123)
    private static let long = "2025-03-06T21:33:37.885124Z"
    private static let synced = #"{"status":"synced","updated_at":"\#(long)","available_count":0}"#

    static func json(
        scanned: String = #""\#(long)""#,
        status: String = "connected",
        availability: String = #"{"gigs":\#(synced),"paystubs":\#(synced),"user_forms":null}"#,
        updated: String = long
    ) -> String {
        """
        {"id":"01956D5F-cb8d-af2f-9232-38bce8531f58","user":"01956d5f-9482-5a52-1f87-84c0a238e107","employers":["Whole Foods"],
        "item":"item_000026933","source":"argyle_sandbox","created_at":"\(long)","updated_at":"\(updated)","scanned_at":\(scanned),
        "connection":{"status":"\(status)","error_code":null,"error_message":null,"updated_at":"\(long)"},
        "availability":\(availability),"ongoing_refresh":{"status":"enabled"}}
        """
    }

    private func standing(_ json: String) throws -> ArgyleAccount.Standing {
        try JSONDecoder().decode(ArgyleAccount.self, from: Data(json.utf8)).standing(at: Self.now)
    }

    @Test("is a candidate once all of it was retrieved, whether it can be reached now or not")
    func candidates() throws {
        let failed = #"{"status":"sync_failed","updated_at":null}"#
        let running = #"{"status":"in_progress","updated_at":"\#(Self.now)"}"#
        for json in [
            Self.json(), Self.json(status: "error"), Self.json(availability: #"{"gigs":\#(failed),"paystubs":null}"#),
            Self.json(availability: #"{"user_forms":\#(running),"user_uploads":\#(running),"paystubs":\#(Self.synced)}"#),
            Self.json(availability: "null"), Self.json(availability: "{}"),
            // A kind of data that is new may have another shape.
            Self.json(availability: #"{"new":7,"newer":{"state":"x"},"newest":"y"}"#),
        ] { #expect(try standing(json) == .candidate, "\(json)") }
    }

    @Test("is none while something is missing, or may be")
    func others() throws {
        let running = #"{"status":"in_progress","updated_at":"\#(Self.long)"}"#
        #expect(try standing(Self.json(scanned: "null")) == .unconnected)
        #expect(try standing(Self.json(status: "connecting")) == .unconnected)
        #expect(try standing(Self.json(status: "something new")) == .unconnected)
        #expect(try standing(Self.json(availability: #"{"gigs":\#(running)}"#)) == .retrieving)
        #expect(try standing(Self.json(availability: #"{"gigs":{"status":"something new"}}"#)) == .retrieving)
        #expect(try standing(Self.json(availability: #"{"new":{"status":"in_progress"}}"#)) == .retrieving)
    }

    @Test("is unsettled for 15 minutes after any of its times, and while one lies ahead")
    func unsettled() throws {
        let lately = Self.now.advanced(by: .seconds(-899))
        let before = Self.now.advanced(by: .seconds(-900))
        let ahead = Self.now.advanced(by: .seconds(1000))
        #expect(try standing(Self.json(updated: "\(before)")) == .candidate)
        for moment in [lately, ahead] {
            #expect(try standing(Self.json(updated: "\(moment)")) == .unsettled)
            #expect(try standing(Self.json(scanned: "\"\(moment)\"")) == .unsettled)
            #expect(try standing(Self.json(availability: #"{"gigs":{"status":"synced","updated_at":"\#(moment)"}}"#)) == .unsettled)
        }
    }

    @Test(
        "is not read where a member that decides is missing, or of another type",
        arguments: [
            ("\"user\":", "\"usr\":"), ("\"id\":", "\"no\":"), ("\"scanned_at\":", "\"scanned\":"), ("\"connection\":", "\"link\":"),
            ("\"availability\":", "\"available\":"), ("\"status\":\"connected\"", "\"state\":\"connected\""), ("01956D5F-", "0195 6D5F "),
            ("\"scanned_at\":\"2025", "\"scanned_at\":\"then 2025"), ("\"gigs\":{", "\"gigs\":[{"),
            ("\"employers\":[", "\"employers\":[7,"),
        ]
    )
    func undocumented(good: String, bad: String) throws {
        let json = Self.json()
        #expect(json.contains(good))
        let broken = json.replacing(good, with: bad)
        #expect(throws: DecodingError.self) { try JSONDecoder().decode(ArgyleAccount.self, from: Data(broken.utf8)) }
    }
}
