import NIOCore
import Synchronization

/// The open connections of one listener, so that a shutdown can reach each of them and know when the last is gone.
/// Once closing it admits no further one. Its lock is taken once when a connection opens and once when it closes, never per request.
final class ConnectionRegistry: Sendable {
    private struct State {
        var channels: [ObjectIdentifier: any Channel] = [:]
        var isClosing = false
        var waiters: [EventLoopPromise<Void>] = []
    }

    private let state = Mutex(State())

    /// `false` when the listener is closing: the connection must be closed at once.
    func add(_ channel: any Channel) -> Bool {
        let isAdmitted = state.withLock { state in
            if !state.isClosing { state.channels[ObjectIdentifier(channel)] = channel }
            return !state.isClosing
        }
        if isAdmitted {
            channel.closeFuture.whenComplete { [self] _ in remove(channel) }
        }
        return isAdmitted
    }

    /// Admits no further connection and returns those that are open.
    func beginClosing() -> [any Channel] {
        state.withLock { state in
            state.isClosing = true
            return Array(state.channels.values)
        }
    }

    var open: [any Channel] { state.withLock { Array($0.channels.values) } }

    /// Completes when no connection is open; only sensible once closing.
    func whenEmpty(on eventLoop: any EventLoop) -> EventLoopFuture<Void> {
        let promise = eventLoop.makePromise(of: Void.self)
        let isEmpty = state.withLock { state in
            if !state.channels.isEmpty { state.waiters.append(promise) }
            return state.channels.isEmpty
        }
        if isEmpty { promise.succeed(()) }
        return promise.futureResult
    }

    private func remove(_ channel: any Channel) {
        let done = state.withLock { state -> [EventLoopPromise<Void>] in
            state.channels[ObjectIdentifier(channel)] = nil
            guard state.channels.isEmpty, state.isClosing else { return [] }
            defer { state.waiters = [] }
            return state.waiters
        }
        for promise in done { promise.succeed(()) }
    }
}
