/// Where a string's content lies between its quotation marks; decoded only when somebody wants it.
struct JSONString {
    let content: Range<Int>
    let hasEscapes: Bool

    /// The text with its escapes resolved; refuses a surrogate that has no partner (RFC 8259, section 8.2).
    func text(in bytes: [UInt8]) throws(JSONFault) -> String {
        guard hasEscapes else { return String(decoding: bytes[content], as: UTF8.self) }
        var text = String.UnicodeScalarView()
        var position = content.lowerBound
        var plain = position
        while position < content.upperBound {
            guard bytes[position] == 0x5C else {
                position += 1
                continue
            }
            text.append(contentsOf: String(decoding: bytes[plain..<position], as: UTF8.self).unicodeScalars)
            text.append(try scalar(in: bytes, at: &position))
            plain = position
        }
        text.append(contentsOf: String(decoding: bytes[plain..<position], as: UTF8.self).unicodeScalars)
        return String(text)
    }

    /// What tells this string from others, escaped or not: its UTF-8, without a copy where nothing is escaped. A surrogate that has no partner
    /// is written as WTF-8 does it, so that it equals itself alone.
    func key(in bytes: [UInt8]) -> ArraySlice<UInt8> {
        guard hasEscapes else { return bytes[content] }
        var key: [UInt8] = []
        key.reserveCapacity(content.count)
        var position = content.lowerBound
        while position < content.upperBound {
            guard bytes[position] == 0x5C else {
                key.append(bytes[position])
                position += 1
                continue
            }
            let start = position
            do throws(JSONFault) {
                key.append(contentsOf: String(Character(try scalar(in: bytes, at: &position))).utf8)
            } catch {
                let unit = codeUnit(in: bytes, at: start)
                for byte in [0xE0 | unit >> 12, 0x80 | unit >> 6 & 0x3F, 0x80 | unit & 0x3F] { key.append(UInt8(truncatingIfNeeded: byte)) }
                position = start + 6
            }
        }
        return key[...]
    }

    private func scalar(in bytes: [UInt8], at position: inout Int) throws(JSONFault) -> Unicode.Scalar {
        let start = position
        let letter = bytes[position + 1]
        guard letter == 0x75 else {
            position += 2
            let control: UInt8 =
                switch letter {
                case 0x62: 0x08
                case 0x66: 0x0C
                case 0x6E: 0x0A
                case 0x72: 0x0D
                case 0x74: 0x09
                default: letter
                }
            return Unicode.Scalar(control)
        }
        let unit = codeUnit(in: bytes, at: position)
        position += 6
        if let scalar = Unicode.Scalar(unit) { return scalar }
        guard
            UTF16.isLeadSurrogate(UInt16(truncatingIfNeeded: unit)), position + 6 <= content.upperBound,
            bytes[position] == 0x5C, bytes[position + 1] == 0x75
        else { throw JSONFault(kind: .loneSurrogate, offset: start) }
        let trail = codeUnit(in: bytes, at: position)
        guard
            UTF16.isTrailSurrogate(UInt16(truncatingIfNeeded: trail)),
            let scalar = Unicode.Scalar(0x10000 + (unit - 0xD800) << 10 + (trail - 0xDC00))
        else { throw JSONFault(kind: .loneSurrogate, offset: start) }
        position += 6
        return scalar
    }

    private func codeUnit(in bytes: [UInt8], at escape: Int) -> UInt32 {
        bytes[escape + 2..<escape + 6].reduce(0) { $0 << 4 | UInt32(Hexadecimal.value(of: $1) ?? 0) }
    }
}
