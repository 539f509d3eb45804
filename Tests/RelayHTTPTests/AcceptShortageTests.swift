import NIOCore
import Testing

@testable import RelayHTTP

@Suite("Lines about a shortage", .timeLimit(.minutes(5)))
struct AcceptShortageTests {
    private let start = NIODeadline.uptimeNanoseconds(1_000_000_000_000)

    @Test("one when it begins, then at most one a minute")
    func lines() {
        var shortage = AcceptShortage()
        let lines = (0..<480).filter { shortage.failed(at: start + .milliseconds(250 * $0)) }
        #expect(lines == [0, 240])
    }

    @Test("it is over after ten seconds without a failure, and that is said once")
    func over() {
        var shortage = AcceptShortage()
        _ = shortage.failed(at: start)
        _ = shortage.failed(at: start + .seconds(3))
        #expect(shortage.remaining(at: start + .seconds(10)) == .seconds(3))
        #expect(shortage.remaining(at: start + .seconds(13)) == nil)
        #expect(!shortage.isOn)
    }
}
