/// The one box for a pointer to a librdkafka object: client, queue, topic, mock cluster. It frees nothing; who holds it does.
///
/// Unchecked because these objects are thread-safe by librdkafka's promise (INTRODUCTION.md, "Threads and callbacks") while Swift sees a
/// bare pointer. What librdkafka does not promise is that they outlive their users: ``UseGate`` or a mutex sees to that.
struct CObject: @unchecked Sendable {
    let pointer: OpaquePointer

    init(_ pointer: OpaquePointer) { self.pointer = pointer }
}
