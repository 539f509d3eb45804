import NIOCore
import Synchronization

/// Whether event loops still come round: each is asked for a sign, and not again before it has given it.
final class LoopBeats: Sendable {
    private final class Beat: Sendable {
        let loop: any EventLoop
        let count = Atomic<Int>(0)
        let isAsked = Atomic<Bool>(false)

        init(_ loop: any EventLoop) { self.loop = loop }
    }

    private let beats: [Beat]

    init(_ group: any EventLoopGroup) { beats = group.makeIterator().map(Beat.init) }

    var counts: [Int] { beats.map { $0.count.load(ordering: .relaxed) } }

    func ask() {
        for beat in beats where !beat.isAsked.exchange(true, ordering: .relaxed) {
            beat.loop.execute {
                beat.count.add(1, ordering: .relaxed)
                beat.isAsked.store(false, ordering: .relaxed)
            }
        }
    }
}
