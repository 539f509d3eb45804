/// Why bytes are not JSON (RFC 8259), and where: the offset of the first byte that cannot stand there.
package struct JSONFault: Error, Equatable, Sendable {
    package enum Kind: String, Sendable {
        case unexpectedByte = "unexpected_byte"
        case unexpectedEnd = "unexpected_end"
        case invalidUTF8 = "invalid_utf8"
        case invalidEscape = "invalid_escape"
        case loneSurrogate = "lone_surrogate"
        case tooDeep = "too_deep"
    }

    package let kind: Kind
    package let offset: Int
}
