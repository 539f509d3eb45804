import Testing

@testable import RelayPublisher

@Suite("The digest of connection faults", .timeLimit(.minutes(5)))
struct FaultDigestTests {
    private func told(_ digest: inout FaultDigest, _ code: String, _ detail: String, second: Int) -> Int? {
        digest.untoldBefore(code: code, detail: detail, at: .seconds(second))
    }

    @Test("tells a fault at once, then once a minute with how many it kept to itself")
    func onceAMinute() {
        var digest = FaultDigest()
        var lines: [Int?] = []
        for second in 0...120 { lines.append(told(&digest, "transport", "b:1/1: refused (after \(second) ms)", second: second)) }
        #expect(lines.enumerated().filter { $0.element != nil }.map(\.offset) == [0, 60, 120])
        #expect(lines.compactMap(\.self) == [0, 59, 59])
    }

    @Test("tells every kind and every broker apart")
    func kinds() {
        var digest = FaultDigest()
        #expect(told(&digest, "transport", "b:1/1: refused", second: 0) == 0)
        #expect(told(&digest, "transport", "b:2/2: refused", second: 0) == 0)
        #expect(told(&digest, "authentication", "b:1/1: wrong password", second: 1) == 0)
        #expect(told(&digest, "authentication", "b:1/1: still wrong", second: 1) == nil)
        #expect(told(&digest, "all_brokers_down", "1/2 brokers are down", second: 1) == 0)
        #expect(told(&digest, "all_brokers_down", "2/2 brokers are down", second: 1) == nil)
    }

    @Test("says once that Kafka is reached again, and does not begin anew with a broker that stays away")
    func reached() {
        var digest = FaultDigest()
        var reached = digest.reached()
        #expect(!reached)
        #expect(told(&digest, "transport", "b:1/1: refused", second: 0) == 0)
        reached = digest.reached()
        #expect(reached)
        reached = digest.reached()
        #expect(!reached)
        #expect(told(&digest, "transport", "b:1/1: refused", second: 1) == nil)
        #expect(told(&digest, "transport", "b:1/1: refused", second: 61) == 1)
    }

    @Test("stays small, whatever names come")
    func bounded() {
        var digest = FaultDigest()
        for number in 0..<64 { #expect(told(&digest, "transport", "b:\(number)", second: 0) == 0) }
        #expect(told(&digest, "transport", "b:0", second: 0) == nil)
        // One more name than it keeps: all begin anew.
        #expect(told(&digest, "transport", "b:64", second: 0) == 0)
        #expect(told(&digest, "transport", "b:0", second: 0) == 0)
    }
}
