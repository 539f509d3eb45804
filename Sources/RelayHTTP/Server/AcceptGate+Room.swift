import NIOCore

/// How the longest idle connection gives way. The connection itself has the last word, on its own loop: a request may have come meanwhile.
extension AcceptGate {
    /// How soon all are looked at again when none was idle; whoever closes in between makes room at once.
    static let nextLook = TimeAmount.milliseconds(250)

    /// Asks the longest idle to give way, one at a time.
    func makeRoom() {
        guard !isMakingRoom else { return }
        isMakingRoom = true
        let bound = NIOLoopBound(self, eventLoop: eventLoop)
        guard let (place, since) = idle.next(of: connections, idleSince: .now() - settings.leastIdle) else {
            eventLoop.scheduleTask(in: Self.nextLook) { bound.value.madeRoom(false) }
            return
        }
        place.channel.eventLoop.execute {
            place.channel.pipeline.fireUserInboundEventTriggered(GiveWay(idleSince: .uptimeNanoseconds(since)))
            let hasGone = !place.channel.isActive
            bound._eventLoop.execute { bound.value.madeRoom(hasGone) }
        }
    }

    private func madeRoom(_ hasGone: Bool) {
        isMakingRoom = false
        if !hasGone, needsRoom { makeRoom() }
    }
}
