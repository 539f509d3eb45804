import Glibc
import RelayHTTP

/// The listening sockets that the parent process has handed over, as sd_listen_fds(3) describes it: descriptors from 3 on, with names.
/// What was meant for this process and cannot be used stops the start: a relay that bound an address of its own instead would be deaf unnoticed.
struct InheritedSockets: Sendable {
    enum Name: String, CaseIterable {
        case ingress, admin
    }

    static let variables = ["LISTEN_PID", "LISTEN_PIDFDID", "LISTEN_FDS", "LISTEN_FDNAMES"]
    private static let first: CInt = 3

    private(set) var ingress: InheritedSocket?
    private(set) var admin: InheritedSocket?

    init() {}

    /// - Parameter environment: as it was at the start; variables that are meant for the process of another number are passed over.
    init(_ environment: [String: String], process: pid_t) throws(StartFailure) {
        for (name, descriptor) in try Self.descriptors(environment, process: process) {
            let socket: InheritedSocket
            do throws(InheritedSocket.Fault) { socket = try InheritedSocket(descriptor) } catch {
                throw StartFailure("descriptor \(descriptor), handed over as \(name.rawValue), \(error.words)")
            }
            switch name {
            case .ingress: ingress = socket
            case .admin: admin = socket
            }
        }
    }

    static func descriptors(_ environment: [String: String], process: pid_t) throws(StartFailure) -> [(Name, CInt)] {
        guard let owner = environment["LISTEN_PID"] else { return [] }
        guard let number = pid_t(owner) else { throw StartFailure("LISTEN_PID is \"\(owner)\"; allowed: the number of a process") }
        guard number == process, let text = environment["LISTEN_FDS"] else { return [] }
        guard let count = Int(text), (1...Int(CInt.max - first)).contains(count) else {
            throw StartFailure("LISTEN_FDS is \"\(text)\"; allowed: how many sockets there are, from 1 on")
        }
        let names = try names(environment["LISTEN_FDNAMES"], count: count)
        return names.enumerated().map { ($0.element, first + CInt($0.offset)) }
    }

    private static func names(_ text: String?, count: Int) throws(StartFailure) -> [Name] {
        let given = text?.split(separator: ":", omittingEmptySubsequences: false).map(String.init) ?? Array(repeating: "", count: count)
        guard given.count == count else { throw StartFailure("LISTEN_FDNAMES names \(given.count) sockets, and LISTEN_FDS says \(count)") }
        guard !isUnnamed(given) else {
            guard count <= Name.allCases.count else {
                throw StartFailure("\(count) sockets were handed over without names; allowed: two, ingress first and then admin")
            }
            return Array(Name.allCases.prefix(count))
        }
        var names: [Name] = []
        for word in given {
            guard let name = Name(rawValue: word) else {
                throw StartFailure(
                    "a socket was handed over as \"\(word)\"; allowed: ingress and admin (FileDescriptorName= in a socket unit)"
                )
            }
            guard !names.contains(name) else {
                throw StartFailure("two sockets were handed over as \(word); allowed: one (on [::] it takes IPv4 as well)")
            }
            names.append(name)
        }
        return names
    }

    /// systemd names a socket for its unit where nothing else is said; its systemd-socket-activate calls each "unknown".
    private static func isUnnamed(_ names: [String]) -> Bool {
        guard let first = names.first, names.allSatisfy({ $0 == first }) else { return false }
        return first.isEmpty || first == "unknown" || first.hasSuffix(".socket")
    }
}

extension InheritedSocket.Fault {
    fileprivate var words: String {
        switch self {
        case .notOpen: "is not open"
        case .notASocket: "is no socket"
        case .notAStream: "is no stream socket (ListenStream= in a socket unit)"
        case .notInternet: "is no socket of IPv4 or IPv6"
        case .notListening: "is not listened on (Accept=no in a socket unit)"
        }
    }
}
