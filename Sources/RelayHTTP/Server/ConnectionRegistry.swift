import NIOCore
import Synchronization

/// The open connections of one listener, so that a shutdown can reach each of them and know when the last is gone.
/// Once closing it admits no further one. Its lock is taken when a connection opens and when it closes, and when places run out; never per request.
final class ConnectionRegistry: Sendable {
    private struct State {
        var places: [ObjectIdentifier: Place] = [:]
        var isClosing = false
        var waiters: [EventLoopPromise<Void>] = []
    }

    private let state = Mutex(State())

    /// `false` when the listener is closing: the connection must be closed at once.
    func add(_ place: Place) -> Bool {
        let isAdmitted = state.withLock { state in
            if !state.isClosing { state.places[ObjectIdentifier(place)] = place }
            return !state.isClosing
        }
        if isAdmitted {
            place.channel.closeFuture.whenComplete { [self] _ in remove(place) }
        }
        return isAdmitted
    }

    /// Admits no further connection and returns those that are open.
    func beginClosing() -> [any Channel] {
        state.withLock { state in
            state.isClosing = true
            return state.places.values.map(\.channel)
        }
    }

    var places: [Place] { state.withLock { Array($0.places.values) } }

    /// Completes when no connection is open; only sensible once closing.
    func whenEmpty(on eventLoop: any EventLoop) -> EventLoopFuture<Void> {
        let promise = eventLoop.makePromise(of: Void.self)
        let isEmpty = state.withLock { state in
            if !state.places.isEmpty { state.waiters.append(promise) }
            return state.places.isEmpty
        }
        if isEmpty { promise.succeed(()) }
        return promise.futureResult
    }

    private func remove(_ place: Place) {
        let done = state.withLock { state -> [EventLoopPromise<Void>] in
            state.places[ObjectIdentifier(place)] = nil
            guard state.places.isEmpty, state.isClosing else { return [] }
            defer { state.waiters = [] }
            return state.waiters
        }
        for promise in done { promise.succeed(()) }
    }
}
