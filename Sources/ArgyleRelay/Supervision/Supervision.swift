import Glibc

/// What the service manager or parent process gave the relay on its way: sockets, where to tell how it goes, and how often it must be heard of.
struct Supervision: Sendable {
    static let none = Supervision()

    private static let variables = InheritedSockets.variables + ["NOTIFY_SOCKET", "WATCHDOG_USEC", "WATCHDOG_PID"]

    private(set) var sockets = InheritedSockets()
    private(set) var notify: NotifySocket?
    /// The longest silence that the manager bears; nil where it does not watch.
    private(set) var watchdog: Duration?
    /// What cannot be used, though the relay runs without it.
    private(set) var warnings: [String] = []

    private init() {}

    init(_ environment: [String: String], process: pid_t) throws(StartFailure) {
        sockets = try InheritedSockets(environment, process: process)
        if let path = environment["NOTIFY_SOCKET"], !path.isEmpty {
            do throws(NotifySocket.Unusable) { notify = try NotifySocket(path) } catch {
                warnings.append("the service manager is not told anything: NOTIFY_SOCKET is \"\(path)\", \(error.reason)")
            }
        }
        watchdog = try Self.watchdog(environment, process: process)
    }

    /// Takes the variables out of the environment, where no program that is started from here would find its own in them. To be called before
    /// anything else reads the environment: setting it is not safe beside that.
    static func take() throws(StartFailure) -> Supervision {
        var environment: [String: String] = [:]
        for name in variables {
            guard let value = getenv(name) else { continue }
            environment[name] = String(cString: value)
            unsetenv(name)
        }
        return try Supervision(environment, process: getpid())
    }

    /// sd_watchdog_enabled(3)
    private static func watchdog(_ environment: [String: String], process: pid_t) throws(StartFailure) -> Duration? {
        guard let text = environment["WATCHDOG_USEC"] else { return nil }
        if let owner = environment["WATCHDOG_PID"] {
            guard let number = pid_t(owner) else { throw StartFailure("WATCHDOG_PID is \"\(owner)\"; allowed: the number of a process") }
            guard number == process else { return nil }
        }
        guard let microseconds = Int64(text), microseconds > 0 else {
            throw StartFailure("WATCHDOG_USEC is \"\(text)\"; allowed: microseconds, from 1 on")
        }
        return .microseconds(microseconds)
    }
}
