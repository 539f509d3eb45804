import RelayHTTP
import Synchronization

/// The relay's two listeners, watched: whether each can be reached, and whether one is lost for good.
final class Listeners: Sendable {
    private let servers = Mutex<[HTTPServer]>([])

    /// To be told once both are made; readiness, which one of them serves, asks here.
    func watch(_ servers: [HTTPServer]) { self.servers.withLock { $0 = servers } }

    /// Of the first that cannot be reached; nil while all can.
    var fault: String? { servers.withLock { $0 }.lazy.compactMap(\.listenerFault).first }

    /// Waits until all have ended. `onLoss` is called as soon as one is lost, and must bring about the end of the others.
    func firstLoss(_ onLoss: @escaping @Sendable (HTTPServerError) -> Void) async -> HTTPServerError? {
        await withTaskGroup(of: HTTPServerError?.self) { group in
            for server in servers.withLock({ $0 }) {
                group.addTask {
                    do throws(HTTPServerError) { try await server.whenEnded() } catch {
                        onLoss(error)
                        return error
                    }
                    return nil
                }
            }
            return await group.reduce(nil) { $0 ?? $1 }
        }
    }
}
