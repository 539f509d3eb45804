import RelayAdmin
import RelayConfiguration
import RelayCore
import Synchronization

/// The way from a signal or the admin API to the relay's reload; there is none until the relay is whole.
final class Reloading: Sendable {
    typealias Load = @Sendable () throws(ConfigurationError) -> LoadedConfiguration

    private let action = Mutex<(@Sendable () -> ReloadOutcome?)?>(nil)

    private let reading = Mutex<(@Sendable () -> String?)?>(nil)

    /// Of the configuration that is in force; nil until the relay is whole.
    var fingerprint: String? { reading.withLock { $0 }?() }

    func inForce(_ reading: @escaping @Sendable () -> String?) { self.reading.withLock { $0 = reading } }

    func connect(_ action: @escaping @Sendable () -> ReloadOutcome?) { self.action.withLock { $0 = action } }

    /// What became of it, in the admin API's words.
    @discardableResult
    func perform() -> OperationsAPI.Reload {
        switch action.withLock({ $0 })?() {
        case .adopted(let changed, let restart, let fingerprint):
            var json = JSONWriter()
            json.raw(#"{"changed":"#)
            json.strings(changed)
            json.raw(#","restart":"#)
            json.strings(restart)
            json.raw(#","fingerprint":"#)
            json.string(fingerprint)
            json.raw("}\n")
            return .done(json.bytes)
        case .refused(let faults): return .refused(faults)
        case nil: return .refused(["this relay was started without a configuration that could be read again"])
        }
    }
}
