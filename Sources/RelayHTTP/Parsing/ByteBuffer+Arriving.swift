import NIOCore

/// A buffer as the unread bytes of a connection: what was read gives its room back.
extension ByteBuffer {
    /// Takes in what arrived behind what is still unread. `writeBuffer` alone keeps the room of what was read, so that a buffer which is never quite
    /// empty grows with every byte that passes through it.
    /// Unread bytes are moved only for a good part of their number, gained or read since: each is moved a few times at most, however small the pieces.
    mutating func takeIn(_ arrived: inout ByteBuffer) {
        guard readableBytes > 0 else {
            self = arrived
            return
        }
        if arrived.readableBytes > writableBytes {
            let needed = readableBytes + arrived.readableBytes
            let isWorthMoving = readableBytes <= 8 * max(readerIndex, arrived.readableBytes)
            let room = needed <= capacity && !isWorthMoving ? 2 * capacity : needed
            discardReadBytes()
            reserveCapacity(room)
        }
        writeBuffer(&arrived)
    }

    /// Lets the memory go once all is read: a connection that waits holds nothing.
    mutating func releaseIfRead() {
        if readableBytes == 0 { self = ByteBuffer() }
    }
}
