/// Takes the chunked coding off a body (RFC 9112 7.1), piece by piece.
/// Refuses bare line ends, sizes that are not hexadecimal, extensions and trailers that are none by the grammar, and more than 16 KiB of them, for
/// they carry nothing for us.
struct ChunkedDecoder {
    private enum State {
        case size(digits: Int, value: Int)
        case sizeExtension(ChunkExtension, value: Int)
        case sizeLineFeed(value: Int)
        case data(remaining: Int)
        case dataReturn
        case dataLineFeed
        case trailerStart
        case trailerName
        case trailerValue
        case trailerLineFeed
        case lastLineFeed
        case done
    }

    private var state = State.size(digits: 0, value: 0)
    /// Bytes of extensions and trailers still tolerated over the whole body.
    private var overhead = 16 << 10

    var isDone: Bool { if case .done = state { true } else { false } }

    /// Reads as much of `bytes` as belongs to the body and hands each run of data to `emit`; returns how many bytes were read.
    mutating func consume(
        _ bytes: UnsafeRawBufferPointer,
        emit: (UnsafeRawBufferPointer) throws(HTTPFault) -> Void
    ) throws(HTTPFault) -> Int {
        var index = 0
        while index < bytes.count, !isDone {
            if case .data(let remaining) = state {
                let run = min(remaining, bytes.count - index)
                try emit(UnsafeRawBufferPointer(rebasing: bytes[index..<index + run]))
                index += run
                state = remaining == run ? .dataReturn : .data(remaining: remaining - run)
            } else {
                state = try after(bytes[index])
                index += 1
            }
        }
        return index
    }

    /// The state after one byte of framing.
    private mutating func after(_ byte: UInt8) throws(HTTPFault) -> State {
        switch state {
        case .size(let digits, let value):
            if let digit = byte.hexValue {
                // 15 digits always fit into an Int.
                guard digits < 15 else { throw Self.badChunk }
                return .size(digits: digits + 1, value: value << 4 | digit)
            }
            guard digits > 0 else { throw Self.badChunk }
            if byte == 0x0d { return .sizeLineFeed(value: value) }
            guard byte == UInt8(ascii: ";") else { throw Self.badChunk }
            return .sizeExtension(ChunkExtension(), value: value)
        case .sizeExtension(var parsed, let value):
            if byte == 0x0d, parsed.mayEnd { return .sizeLineFeed(value: value) }
            guard parsed.take(byte) else { throw Self.badChunk }
            try spend()
            return .sizeExtension(parsed, value: value)
        case .sizeLineFeed(let value):
            guard byte == 0x0a else { throw Self.badChunk }
            return value == 0 ? .trailerStart : .data(remaining: value)
        case .dataReturn:
            guard byte == 0x0d else { throw Self.badChunk }
            return .dataLineFeed
        case .dataLineFeed:
            guard byte == 0x0a else { throw Self.badChunk }
            return .size(digits: 0, value: 0)
        case .trailerStart:
            if byte == 0x0d { return .lastLineFeed }
            guard byte.isTokenByte else { throw Self.badChunk }
            try spend()
            return .trailerName
        case .trailerName:
            guard byte.isTokenByte || byte == UInt8(ascii: ":") else { throw Self.badChunk }
            try spend()
            return byte.isTokenByte ? .trailerName : .trailerValue
        case .trailerValue:
            if byte == 0x0d { return .trailerLineFeed }
            guard byte.isTextByte else { throw Self.badChunk }
            try spend()
            return .trailerValue
        case .trailerLineFeed:
            guard byte == 0x0a else { throw Self.badChunk }
            return .trailerStart
        case .lastLineFeed:
            guard byte == 0x0a else { throw Self.badChunk }
            return .done
        case .data, .done:
            return state
        }
    }

    /// Counts a byte of an extension or a trailer.
    private mutating func spend() throws(HTTPFault) {
        overhead -= 1
        guard overhead >= 0 else { throw Self.badChunk }
    }

    private static let badChunk = HTTPFault.malformed(reason: "bad chunked coding")
}

extension UInt8 {
    var hexValue: Int? {
        switch self {
        case 0x30...0x39: Int(self - 0x30)
        case 0x41...0x46: Int(self - 0x37)
        case 0x61...0x66: Int(self - 0x57)
        default: nil
        }
    }
}
