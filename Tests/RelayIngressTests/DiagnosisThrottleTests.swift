import Testing

@testable import RelayIngress

@Suite("The diagnosis throttle", .timeLimit(.minutes(5)))
struct DiagnosisThrottleTests {
    @Test("lets one through every five seconds")
    func interval() {
        var throttle = DiagnosisThrottle()
        let times: [Duration] = [.seconds(1), .seconds(2), .milliseconds(5999), .seconds(6), .seconds(10), .seconds(11)]
        #expect(times.map { throttle.admits(at: $0) } == [true, false, false, true, false, true])
    }

    @Test("lets none through behind a flood, and one again when it is over")
    func flood() {
        var throttle = DiagnosisThrottle()
        let first = throttle.admits(at: .seconds(0))
        let crowd = (0..<200).map { _ in throttle.admits(at: .seconds(1)) }
        let behind = throttle.admits(at: .seconds(5))
        let after = throttle.admits(at: .seconds(10))
        #expect(first && !crowd.contains(true) && !behind && after)
        for _ in 0..<200 { _ = throttle.admits(at: .seconds(11)) }
        let muchLater = throttle.admits(at: .seconds(60))
        #expect(muchLater)
    }
}
