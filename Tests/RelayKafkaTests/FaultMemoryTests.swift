import Testing

@testable import RelayKafka

@Suite("FaultMemory", .timeLimit(.minutes(5)))
struct FaultMemoryTests {
    private let timedOut = KafkaError(code: "timed_out", detail: "no answer")

    @Test("a time-out is told by its cause, and a vague fault does not hide the cause")
    func cause() {
        let memory = FaultMemory()
        #expect(memory.cause(of: timedOut) == timedOut)
        memory.note(.error(code: "transport", detail: "connection refused"))
        #expect(memory.cause(of: timedOut).code == "transport")
        memory.note(.error(code: "authentication", detail: "refused"))
        memory.note(.error(code: "transport", detail: "disconnected"))
        memory.note(.error(code: "all_brokers_down", detail: "1/1"))
        #expect(memory.cause(of: timedOut) == KafkaError(code: "authentication", detail: "refused"))
        memory.note(.error(code: "ssl", detail: "handshake"))
        #expect(memory.cause(of: timedOut).code == "ssl")
    }

    @Test("an error that tells its cause itself stays, and success clears the memory")
    func itself() {
        let memory = FaultMemory()
        memory.note(.error(code: "authentication", detail: "refused"))
        let own = KafkaError(code: "topic_authorization_failed", detail: "no")
        #expect(memory.cause(of: own) == own)
        memory.clear()
        #expect(memory.cause(of: timedOut) == timedOut)
    }
}
