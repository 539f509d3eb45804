import CSQLite
import Dispatch
import Synchronization

@testable import RelayOutbox

/// Stands in the writer's way, in the midst of a transaction, until it is opened; from then on it lets everybody through.
final class Gate: Sendable {
    private let isOpen = Mutex(false)
    private let semaphore = DispatchSemaphore(value: 0)
    private let arrivals: AsyncStream<Void>
    private let arrival: AsyncStream<Void>.Continuation

    init() { (arrivals, arrival) = AsyncStream.makeStream() }

    /// On the writer's thread.
    func wait() {
        guard !isOpen.withLock({ $0 }) else { return }
        arrival.yield()
        semaphore.wait()
    }

    /// Waits until the writer stands before it.
    func entered() async { for await _ in arrivals { return } }

    func open() {
        isOpen.withLock { $0 = true }
        semaphore.signal()
    }
}

extension SQLiteConnection {
    /// Has `action` called for each row that is inserted into `table`, within its transaction; the trigger is called `moving`.
    func onInsert(_ table: String, _ action: @escaping @Sendable () -> Void) throws(SQLiteError) {
        let box = Unmanaged.passRetained(Action(action))
        let result = sqlite3_create_function_v2(
            handle,
            "act",
            0,
            SQLITE_UTF8,
            box.toOpaque(),
            { context, _, _ in
                Unmanaged<Action>.fromOpaque(sqlite3_user_data(context)).takeUnretainedValue().body()
                sqlite3_result_null(context)
            },
            nil,
            nil,
            { if let box = $0 { Unmanaged<Action>.fromOpaque(box).release() } }
        )
        guard result == SQLITE_OK else { throw error(result) }
        try execute("CREATE TEMP TRIGGER moving AFTER INSERT ON main.\(table) BEGIN SELECT act(); END")
    }

    private final class Action {
        let body: @Sendable () -> Void
        init(_ body: @escaping @Sendable () -> Void) { self.body = body }
    }
}
