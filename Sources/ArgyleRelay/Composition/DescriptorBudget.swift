import Glibc
import RelayConfiguration

/// How the process's limit of open files is shared out: so many are kept back for the store, Kafka's connections and the admin listener, and the
/// ingress gets the rest. It refuses a limit that leaves the ingress nearly nothing.
struct DescriptorBudget: Equatable {
    /// Of the admin listener, each with a descriptor.
    static let adminPlaces = 64
    /// For the outbox and its backup, librdkafka's broker connections and pipes, files read on a reload, and what goes on beside.
    static let others = 128
    /// An event loop's epoll, eventfd and timerfd.
    static let perLoop = 3
    /// Fewer connections than this are no service.
    static let leastPlaces = 16

    let limit: Int
    let loops: Int

    var reserve: Int { Self.others + Self.adminPlaces + Self.perLoop * loops }
    /// The smallest limit with which the relay starts.
    var least: Int { reserve + Self.leastPlaces }
    var isEnough: Bool { limit >= least }

    /// How many of `wanted` connections there are descriptors for.
    func places(of wanted: Int) -> Int { min(wanted, limit - reserve) }

    static let advice = "LimitNOFILE= in a systemd unit, --ulimit nofile= for a container, ulimit -n in a shell"

    var refusal: String {
        "the limit of open files is \(limit), and at least \(least) are needed; raise it: \(Self.advice)"
    }

    /// Nil where all of `wanted` fit.
    func shortfall(of wanted: Int) -> String? {
        guard places(of: wanted) < wanted else { return nil }
        return
            "http.max_connections is \(wanted), and the limit of \(limit) open files leaves descriptors for \(places(of: wanted)) of them"
    }

    func remedy(for wanted: Int) -> String { "raise the limit to \(wanted + reserve) (\(Self.advice)), or lower http.max_connections" }
}

extension DescriptorBudget {
    /// Raises this process's soft limit to its hard one, which is what it may use.
    static func raised(loops: Int) throws(StartFailure) -> DescriptorBudget {
        var limits = current()
        if limits.rlim_cur < limits.rlim_max {
            limits.rlim_cur = limits.rlim_max
            // Some kernels refuse what they report (fs.nr_open lowered since); then the soft limit stays what counts.
            setrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limits)
        }
        let budget = DescriptorBudget(limit: Int(clamping: current().rlim_cur), loops: loops)
        guard budget.isEnough else { throw StartFailure(budget.refusal) }
        return budget
    }

    /// What ``raised(loops:)`` would make of this process's limits, which stay as they are.
    static func prospect(loops: Int) -> DescriptorBudget { DescriptorBudget(limit: Int(clamping: current().rlim_max), loops: loops) }

    private static func current() -> rlimit {
        var limits = rlimit()
        getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limits)
        return limits
    }
}
