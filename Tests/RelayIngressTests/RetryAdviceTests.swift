import Testing

@testable import RelayIngress

@Suite("The advice when to come again", .timeLimit(.minutes(5)))
struct RetryAdviceTests {
    @Test("starts at 2 s, grows with the time that turning away lasts, and ends at a minute")
    func grows() {
        var advice = RetryAdvice()
        var answers: [Int] = []
        for second in [100, 101, 104, 110, 140, 219, 220, 500, 100_000] { answers.append(advice.failed(at: .seconds(second))) }
        #expect(answers == [2, 2, 2, 5, 20, 59, 60, 60, 60])
    }

    @Test("starts anew once something new was taken")
    func startsAnew() {
        var advice = RetryAdvice()
        _ = advice.failed(at: .seconds(10))
        let grown = advice.failed(at: .seconds(70))
        advice.succeeded()
        let anew = advice.failed(at: .seconds(80))
        #expect(grown == 30)
        #expect(anew == 2)
    }
}

@Suite("The throttle of the log", .timeLimit(.minutes(5)))
struct LogThrottleTests {
    @Test("lets so many lines a second through and tells how many it kept back")
    func throttles() {
        var throttle = LogThrottle(perSecond: 3)
        var answers: [Bool] = []
        for _ in 0..<5 { answers.append(throttle.allows(at: .milliseconds(1200))) }
        #expect(answers == [true, true, true, false, false])
        let dropped = [throttle.takeDropped(), throttle.takeDropped()]
        #expect(dropped == [2, 0])
        let next = throttle.allows(at: .seconds(2))
        #expect(next)
    }
}
