import Dispatch
import RelayKafka
import Testing

@Suite("Waiting for what blocks")
struct BlockingTests {
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
