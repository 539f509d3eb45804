import Glibc
import Synchronization

/// Tells the service manager what the relay is at, by datagrams (sd_notify(3)). It never waits: what cannot be sent now is owed, and goes with the
/// next notice. A manager that is gone is no reason to stop.
final class NotifySocket: Sendable {
    struct Unusable: Error, Equatable {
        let reason: String
    }

    private enum Phase { case starting, ready, stopping }

    private struct State {
        var phase = Phase.starting
        /// What could not be sent yet: the last of each kind says all.
        var owedState: String?
        var owedStatus: String?
        var toldStatus: String?
    }

    private let descriptor: CInt
    private let address: [UInt8]
    private let state = Mutex(State())

    /// - Parameter path: of NOTIFY_SOCKET; one that begins with `@` is a name in the abstract namespace (unix(7)).
    init(_ path: String) throws(Unusable) {
        var bytes = Array(path.utf8)
        switch bytes.first {
        case UInt8(ascii: "/"): bytes.append(0)
        case UInt8(ascii: "@"): bytes[0] = 0
        default: throw Unusable(reason: "neither a path nor an abstract name")
        }
        guard bytes.count <= MemoryLayout.size(ofValue: sockaddr_un().sun_path) else { throw Unusable(reason: "too long") }
        var family = sa_family_t(AF_UNIX)
        address = withUnsafeBytes(of: &family) { Array($0) } + bytes
        let flags = CInt(SOCK_DGRAM.rawValue) | CInt(SOCK_CLOEXEC.rawValue) | CInt(SOCK_NONBLOCK.rawValue)
        descriptor = socket(AF_UNIX, flags, 0)
        guard descriptor >= 0 else { throw Unusable(reason: String(cString: strerror(errno))) }
    }

    deinit { close(descriptor) }

    /// Deliveries are taken from now on.
    func ready() { tell("READY=1", entering: .ready) }

    func stopping() { tell("STOPPING=1", entering: .stopping) }

    /// A reload begins; to be followed by ``reloaded()``. Says nothing before the relay is ready, or once it stops.
    /// - Parameter uptime: of the monotonic clock, by which the manager knows its own order's answer.
    func reloading(at uptime: Duration) {
        tell("RELOADING=1\nMONOTONIC_USEC=\(Int64(uptime / .microseconds(1)))", within: .ready)
    }

    func reloaded() { tell("READY=1", within: .ready) }

    /// One line for `systemctl status`; sends again what is owed.
    func status(_ line: String) {
        state.withLock { state in
            if state.toldStatus != line { state.owedStatus = "STATUS=\(line)" }
            state.toldStatus = line
            pay(&state)
        }
    }

    /// The manager kills the relay when it hears this no more.
    func feed() { send("WATCHDOG=1") }

    private func tell(_ text: String, entering phase: Phase) {
        state.withLock { state in
            state.phase = phase
            state.owedState = text
            pay(&state)
        }
    }

    private func tell(_ text: String, within phase: Phase) {
        state.withLock { state in
            guard state.phase == phase else { return }
            state.owedState = text
            pay(&state)
        }
    }

    private func pay(_ state: inout State) {
        let owed = [state.owedState, state.owedStatus].compactMap(\.self)
        guard !owed.isEmpty, send(owed.joined(separator: "\n")) else { return }
        (state.owedState, state.owedStatus) = (nil, nil)
    }

    /// Whether the whole was taken.
    @discardableResult
    private func send(_ text: String) -> Bool {
        let bytes = Array(text.utf8)
        let sent = address.withUnsafeBytes { address in
            address.withMemoryRebound(to: sockaddr.self) { address in
                sendto(descriptor, bytes, bytes.count, CInt(MSG_NOSIGNAL), address.baseAddress, socklen_t(self.address.count))
            }
        }
        return sent == bytes.count
    }
}
