import Dispatch
import NIOCore

/// One connection's deliveries, sent one after another: the next leaves when the answer to the last is whole.
/// Takes answers that bear a length and keep the connection, which is all that the measured routes give.
final class Lane: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    /// All connections stand: begin.
    struct Start: Sendable {}

    enum Fault: Error {
        case status(String)
        case closed
    }

    private let requests: [ByteBuffer]
    private let end: EventLoopPromise<[UInt64]>
    private var latencies: [UInt64] = []
    private var sent: UInt64 = 0
    private var received = ByteBuffer()

    init(_ requests: [ByteBuffer], _ end: EventLoopPromise<[UInt64]>) {
        self.requests = requests
        self.end = end
        latencies.reserveCapacity(requests.count)
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        if event is Start { send(context) } else { context.fireUserInboundEventTriggered(event) }
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        var bytes = unwrapInboundIn(data)
        if received.readableBytes == 0 { received = bytes } else { received.writeBuffer(&bytes) }
        do throws(Fault) {
            guard try isWhole() else { return }
        } catch {
            end.fail(error)
            return context.close(promise: nil)
        }
        received = ByteBuffer()
        latencies.append(DispatchTime.now().uptimeNanoseconds - sent)
        send(context)
    }

    func channelInactive(context: ChannelHandlerContext) { end.fail(Fault.closed) }

    private func send(_ context: ChannelHandlerContext) {
        guard latencies.count < requests.count else {
            end.succeed(latencies)
            return context.close(promise: nil)
        }
        sent = DispatchTime.now().uptimeNanoseconds
        context.writeAndFlush(wrapOutboundOut(requests[latencies.count]), promise: nil)
    }

    /// Whether the answer is there to its last byte.
    private func isWhole() throws(Fault) -> Bool {
        let answer = Array(received.readableBytesView)
        guard let end = answer.indices.dropLast(3).first(where: { answer[$0...].starts(with: [13, 10, 13, 10]) }) else { return false }
        guard answer.dropFirst(9).starts(with: Array("200".utf8)) else {
            throw .status(String(decoding: answer.prefix(end), as: UTF8.self))
        }
        let line = answer[..<end].split(separator: 10).first { $0.count > 15 && $0[$0.startIndex + 14] == UInt8(ascii: ":") }
        guard let line, let length = Int(String(decoding: line.dropFirst(15).filter { $0 > 0x20 }, as: UTF8.self)) else {
            throw .status("an answer whose first field with a name of 14 bytes is no Content-Length")
        }
        return answer.count - end - 4 >= length
    }
}
