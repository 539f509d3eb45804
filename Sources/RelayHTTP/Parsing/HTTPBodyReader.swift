import NIOCore

/// Gathers one message's body, of announced length or chunked, into an array.
/// Never holds or reserves more than the limit, and reserves little before bytes arrive: an announced length is only a claim.
struct HTTPBodyReader {
    private enum Rest {
        case length(Int)
        case chunked(ChunkedDecoder)
    }

    private var rest: Rest
    private let limit: Int
    private(set) var bytes: [UInt8] = []

    init(framing: HTTPBodyFraming, limit: Int) throws(HTTPFault) {
        self.limit = limit
        switch framing {
        case .none: rest = .length(0)
        case .length(let count):
            guard count <= limit else { throw .bodyTooLarge(limit: limit) }
            rest = .length(count)
        case .chunked: rest = .chunked(ChunkedDecoder())
        }
    }

    var isComplete: Bool {
        switch rest {
        case .length(let count): count == 0
        case .chunked(let decoder): decoder.isDone
        }
    }

    /// Takes what belongs to this body from `buffer`, and leaves what follows it.
    mutating func consume(_ buffer: inout ByteBuffer) throws(HTTPFault) {
        switch rest {
        case .length(let count):
            let taken = min(count, buffer.readableBytes)
            Self.makeRoom(in: &bytes, for: bytes.isEmpty ? max(taken, min(count, 64 << 10)) : taken, atMost: bytes.count + count)
            buffer.withUnsafeReadableBytes { bytes.append(contentsOf: UnsafeRawBufferPointer(rebasing: $0.prefix(taken))) }
            buffer.moveReaderIndex(forwardBy: taken)
            rest = .length(count - taken)
        case .chunked(var decoder):
            // Rethrown by hand: ByteBuffer's closures erase the error's type.
            let outcome = buffer.withUnsafeReadableBytes { readable -> Result<Int, HTTPFault> in
                do throws(HTTPFault) {
                    return .success(
                        try decoder.consume(readable) { (run) throws(HTTPFault) in
                            guard run.count <= limit - bytes.count else { throw .bodyTooLarge(limit: limit) }
                            Self.makeRoom(in: &bytes, for: run.count, atMost: limit)
                            bytes.append(contentsOf: run)
                        }
                    )
                } catch {
                    return .failure(error)
                }
            }
            buffer.moveReaderIndex(forwardBy: try outcome.get())
            rest = .chunked(decoder)
        }
    }

    /// Doubles the room when it is used up, but never beyond `most`: left to itself, an array of a body of the limit ends with room for nearly two.
    private static func makeRoom(in bytes: inout [UInt8], for count: Int, atMost most: Int) {
        let needed = bytes.count + count
        guard needed > bytes.capacity else { return }
        bytes.reserveCapacity(max(needed, min(most, 2 * bytes.capacity)))
    }
}
