/// Finds the end of a header block in bytes that arrive piecemeal, looking at each byte once.
/// Refuses control bytes, bare CR, bare LF (RFC 9112 2.2) and a block above its limit as soon as they are seen, so that garbage is not waited out.
struct HeadScanner {
    private var scanned = 0

    /// The length of the block with its closing empty line, or `nil` while that is still to come.
    /// `bytes` starts at the same byte on every call until a block was found.
    mutating func blockLength(in bytes: UnsafeRawBufferPointer, limit: Int) throws(HTTPFault) -> Int? {
        let end = min(bytes.count, limit)
        var index = scanned
        while index < end {
            let byte = bytes[index]
            if byte >= 0x20 && byte != 0x7f || byte == 0x09 {
                index += 1
                continue
            }
            guard byte == 0x0d else {
                throw .malformed(reason: byte == 0x0a ? "a line ends without CR" : "a control byte in the header block")
            }
            guard index + 1 < bytes.count else { break }
            guard bytes[index + 1] == 0x0a else { throw .malformed(reason: "CR without LF") }
            index += 2
            if index >= 4, bytes[index - 4] == 0x0d, bytes[index - 3] == 0x0a {
                guard index <= limit else { throw .headersTooLarge(limit: limit) }
                scanned = 0
                return index
            }
        }
        if index >= limit { throw .headersTooLarge(limit: limit) }
        scanned = index
        return nil
    }
}
