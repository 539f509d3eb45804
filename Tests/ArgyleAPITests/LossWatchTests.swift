import RelayCore
import Testing

@testable import ArgyleRelay

@Suite("The watch for losses", .timeLimit(.minutes(5)))
struct LossWatchTests {
    private func at(_ seconds: Int64) -> Timestamp { Timestamp(milliseconds: seconds * 1000) }

    @Test("tells once that something is missing, when it has been missing for as long as a second try takes, and once that it is over")
    func episode() {
        var watch = LossWatch()
        #expect(watch.look(sent: at(1000), arrived: at(0), uptime: .seconds(0)) == nil)
        #expect(watch.look(sent: at(1000), arrived: at(0), uptime: .seconds(49)) == nil)
        #expect(!watch.isMissing)
        #expect(watch.look(sent: at(1049), arrived: at(0), uptime: .seconds(50)) == .began)
        for minute in 2..<10 {
            #expect(watch.look(sent: at(1000), arrived: at(0), uptime: .seconds(60 * minute)) == nil)
            #expect(watch.isMissing)
        }
        #expect(watch.look(sent: at(1600), arrived: at(1600), uptime: .seconds(660)) == .ended)
        #expect(watch.look(sent: at(1600), arrived: at(1600), uptime: .seconds(720)) == nil)
        // The next episode is told again.
        #expect(watch.look(sent: at(9000), arrived: at(1600), uptime: .seconds(780)) == nil)
        #expect(watch.look(sent: at(9000), arrived: at(1600), uptime: .seconds(840)) == .began)
    }

    @Test("takes neither a difference of clocks nor a delivery on its way for a loss")
    func tolerance() {
        var watch = LossWatch()
        for minute in 0..<10 {
            let uptime = Duration.seconds(60 * minute)
            #expect(watch.look(sent: at(1060), arrived: at(1000), uptime: uptime) == nil)
            #expect(watch.look(sent: at(900), arrived: at(1000), uptime: uptime) == nil)
            #expect(watch.look(sent: nil, arrived: at(1000), uptime: uptime) == nil)
        }
        // Argyle sends, and what it sent is there when it is asked the next time.
        for round in 1..<20 {
            let seconds = Int64(round) * 1000
            #expect(watch.look(sent: at(seconds), arrived: at(seconds - 500), uptime: .seconds(2 * round * 30)) == nil)
            #expect(watch.look(sent: at(seconds), arrived: at(seconds), uptime: .seconds((2 * round + 1) * 30)) == nil)
        }
        #expect(!watch.isMissing)
    }
}

@Suite("The pace of asking Argyle", .timeLimit(.minutes(5)))
struct AskingPaceTests {
    @Test("is a minute, a tenth more or less")
    func usual() {
        var pace = AskingPace()
        #expect(pace.pauseAfterSuccess(random: 0) == .seconds(54))
        #expect(pace.pauseAfterSuccess(random: 0.5) == .seconds(60))
        #expect(pace.pauseAfterSuccess(random: 1) == .seconds(66))
    }

    @Test("doubles with each failure down to once in a quarter of an hour, and is a minute again after a success")
    func failures() {
        var pace = AskingPace()
        let pauses = (0..<6).map { _ in pace.pauseAfterFailure(retryAfter: nil, isFinal: false, random: 0.5) }
        #expect(pauses == [120, 240, 480, 900, 900, 900].map { .seconds($0) })
        for _ in 0..<1000 { _ = pace.pauseAfterFailure(retryAfter: nil, isFinal: false, random: 0.5) }
        #expect(pace.pauseAfterSuccess(random: 0.5) == .seconds(60))
        #expect(pace.pauseAfterFailure(retryAfter: nil, isFinal: true, random: 0.5) == .seconds(900))
    }

    @Test("is never faster than Retry-After asks for, up to an hour")
    func retryAfter() {
        var pace = AskingPace()
        #expect(pace.pauseAfterFailure(retryAfter: .seconds(700), isFinal: false, random: 0) == .seconds(700))
        #expect(pace.pauseAfterFailure(retryAfter: .seconds(7), isFinal: false, random: 0) == .seconds(216))
        #expect(pace.pauseAfterFailure(retryAfter: .seconds(86_400), isFinal: false, random: 0) == .seconds(3600))
    }
}
