import Glibc
import NIOCore
import Testing

@testable import RelayHTTP

@Suite("What becomes of a listener that failed", .timeLimit(.minutes(5)))
struct ListenerRecoveryTests {
    private let start = NIODeadline.uptimeNanoseconds(1_000_000_000_000)

    @Test(
        "an error of one connection leaves the socket as it is, which is accepted from again at once",
        arguments: [EPROTO, EPERM, EHOSTUNREACH, ENETDOWN, ETIMEDOUT, ECONNABORTED, EMFILE]
    )
    func connectionErrors(code: CInt) {
        var recovery = ListenerRecovery()
        #expect(recovery.failed(.accepting(errno: code), at: start) == .accept(after: .zero))
    }

    @Test("an error of the socket, or none that is known, has it bound anew", arguments: [EINVAL, ENOTSOCK, nil])
    func socketErrors(code: CInt?) {
        var recovery = ListenerRecovery()
        #expect(recovery.failed(.accepting(errno: code), at: start) == .bind(after: .zero))
    }

    @Test("an inherited socket is accepted from again whatever happened, and given up after a minute", arguments: [EINVAL, ENOTSOCK, nil])
    func inherited(code: CInt?) {
        var recovery = ListenerRecovery()
        recovery.isInherited = true
        #expect(recovery.failed(.accepting(errno: code), at: start) == .accept(after: .zero))
        #expect(recovery.failed(.accepting(errno: code), at: start + .seconds(60)) == .giveUp)
    }

    @Test("failures in a row come ever slower, up to two seconds, and end after a minute")
    func backOff() {
        var recovery = ListenerRecovery()
        var now = start
        var pauses: [TimeAmount] = []
        while case .bind(let pause) = recovery.failed(.binding(errno: EADDRINUSE), at: now) {
            pauses.append(pause)
            now = now + pause
        }
        #expect(pauses.prefix(4) == [.zero, .milliseconds(10), .milliseconds(20), .milliseconds(40)])
        #expect(pauses.last == .seconds(2) && now - start >= .seconds(60) && now - start <= .seconds(62))
    }

    @Test("a connection that was accepted, or five seconds without a failure, end the row", arguments: [true, false])
    func rowEnds(byConnection: Bool) {
        var recovery = ListenerRecovery()
        for _ in 0..<5 { _ = recovery.failed(.accepting(errno: EPROTO), at: start) }
        recovery.listens(at: start)
        if byConnection { recovery.accepted() }
        let later = start + .seconds(byConnection ? 0 : 5)
        #expect(recovery.failed(.accepting(errno: EPROTO), at: later) == .accept(after: .zero))
        #expect(recovery.failures == 1)
    }

    @Test("missing rights end it at once", arguments: [EACCES, EPERM, EAFNOSUPPORT])
    func hopeless(code: CInt) {
        var recovery = ListenerRecovery()
        #expect(recovery.failed(.binding(errno: code), at: start) == .giveUp)
    }
}
