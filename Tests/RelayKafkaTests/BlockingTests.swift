import Dispatch
import RelayKafka
import Synchronization
import Testing

@Suite("Waiting for what blocks", .timeLimit(.minutes(5)))
struct BlockingTests {
    @Test("holds up nobody: as many calls as there are may wait at once, each on a thread of its own", .timeLimit(.minutes(1)))
    func ownThreads() async {
        let meeting = Meeting(of: 100)
        await withTaskGroup(of: Void.self) { group in
            for _ in 0..<100 { group.addTask { await blocking { meeting.attend() } } }
        }
        #expect(meeting.present.withLock { $0 } == 100)
    }

    /// Keeps its callers until all are there.
    private final class Meeting: Sendable {
        let present = Mutex(0)
        private let everyone: Int
        private let gate = DispatchSemaphore(value: 0)

        init(of everyone: Int) { self.everyone = everyone }

        func attend() {
            let isLast = present.withLock { count in
                count += 1
                return count == everyone
            }
            if isLast { for _ in 0..<everyone { gate.signal() } }
            gate.wait()
        }
    }

    @Test("brings back what came of it, and what it threw with its type")
    func outcomes() async {
        #expect(await blocking { 1 } == 1)
        #expect(await abandonable { 1 } == 1)
        do throws(KafkaError) {
            try await blocking { () throws(KafkaError) in throw .closed }
            Issue.record("nothing was thrown")
        } catch {
            #expect(error.code == "closed")
        }
    }

    @Test("is over when it is cancelled, while what it waited for still blocks")
    func abandoned() async {
        let (begun, begin) = AsyncStream.makeStream(of: Never.self)
        let release = DispatchSemaphore(value: 0)
        let waiting = Task {
            await abandonable {
                begin.finish()
                release.wait()
            }
        }
        for await _ in begun {}
        waiting.cancel()
        #expect(await waiting.value == nil)
        release.signal()
    }
}
