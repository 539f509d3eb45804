import Glibc
import NIOCore

/// What becomes of a listener that has failed: accepted from again on the socket at hand, bound anew, or given up; and how soon.
/// It counts failures in a row and gives up after ``patience``, or at once where another try cannot end otherwise.
struct ListenerRecovery {
    enum Failure: Equatable {
        /// `accept` failed, with nil for a socket that the kernel hung up.
        case accepting(errno: CInt?)
        case binding(errno: CInt)
    }

    enum Action: Equatable {
        case accept(after: TimeAmount)
        case bind(after: TimeAmount)
        case giveUp
    }

    /// The address of an inherited socket is its holder's, so it is accepted from again whatever happened.
    var isInherited = false

    static let patience = TimeAmount.seconds(60)
    static let longestPause = TimeAmount.seconds(2)
    /// A listener that has waited this long without a failure is well, though nobody came.
    static let calm = TimeAmount.seconds(5)

    private(set) var failures = 0
    private var failingSince: NIODeadline?
    private var listeningSince: NIODeadline?

    mutating func failed(_ failure: Failure, at now: NIODeadline) -> Action {
        if let listeningSince, now - listeningSince >= Self.calm { accepted() }
        listeningSince = nil
        let since = failingSince ?? now
        failingSince = since
        failures += 1
        guard !Self.isFinal(failure), now - since < Self.patience else { return .giveUp }
        let pause = failures == 1 ? .zero : min(.milliseconds(10 << Int64(min(failures, 12) - 2)), Self.longestPause)
        return isInherited || Self.isOfOneConnection(failure) ? .accept(after: pause) : .bind(after: pause)
    }

    mutating func listens(at now: NIODeadline) { listeningSince = now }

    mutating func accepted() {
        failures = 0
        failingSince = nil
    }

    /// accept(2): errors that were pending on the new socket, or that concern who connects; and a shortage. The socket itself is well.
    private static func isOfOneConnection(_ failure: Failure) -> Bool {
        guard case .accepting(let code?) = failure else { return false }
        return [
            ECONNABORTED, EPROTO, EPERM, ENETDOWN, ENOPROTOOPT, EHOSTDOWN, ENONET, EHOSTUNREACH, EOPNOTSUPP, ENETUNREACH, ETIMEDOUT,
            ECONNRESET, ESOCKTNOSUPPORT, EPROTONOSUPPORT, EMFILE, ENFILE, ENOBUFS, ENOMEM,
        ].contains(code)
    }

    /// Rights and address families do not come back by themselves.
    private static func isFinal(_ failure: Failure) -> Bool {
        guard case .binding(let code) = failure else { return false }
        return [EACCES, EPERM, EAFNOSUPPORT].contains(code)
    }
}
