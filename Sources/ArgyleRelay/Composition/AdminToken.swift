import RelayAdmin
import RelayConfiguration
import Synchronization

/// The admin API's token, which a reload may change: each request is held to the one that is in force when it comes.
final class AdminToken: Sendable {
    private let secret: Mutex<Secret?>

    init(_ secret: Secret?) { self.secret = Mutex(secret) }

    func adopt(_ new: Secret?) { secret.withLock { $0 = new } }

    var access: AdminAccess {
        AdminAccess(token: { [self] in
            secret.withLock { $0 }.map { token in { @Sendable candidate in token.matches(candidate) } }
        })
    }
}
