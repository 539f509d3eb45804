/// The extensions behind a chunk's size, byte by byte: `*( BWS ";" BWS name [ BWS "=" BWS value ] )`, a value being a token or a quoted string
/// (RFC 9112 7.1.1, RFC 9110 5.6). Refuses what two readers could end at different bytes; what it means is nobody's business here.
struct ChunkExtension {
    private enum State {
        /// After `;`.
        case beforeName
        case name
        case afterName
        /// After `=`.
        case beforeValue
        case value
        case quoted
        /// After a backslash.
        case escaped
        case afterValue
    }

    private var state = State.beforeName

    /// Whether the line may end here.
    var mayEnd: Bool {
        switch state {
        case .name, .value, .afterValue: true
        case .beforeName, .afterName, .beforeValue, .quoted, .escaped: false
        }
    }

    /// Takes the next byte, which is no CR; `false` for one that may not stand here.
    mutating func take(_ byte: UInt8) -> Bool {
        guard let next = Self.state(after: byte, in: state) else { return false }
        state = next
        return true
    }

    private static func state(after byte: UInt8, in state: State) -> State? {
        switch state {
        case .beforeName: byte.isTokenByte ? .name : byte.isBlank ? .beforeName : nil
        case .name: byte.isTokenByte ? .name : byte.isBlank ? .afterName : separator(byte)
        case .afterName: byte.isBlank ? .afterName : separator(byte)
        case .beforeValue:
            byte.isTokenByte ? .value : byte == UInt8(ascii: "\"") ? .quoted : byte.isBlank ? .beforeValue : nil
        case .value: byte.isTokenByte ? .value : byte.isBlank ? .afterValue : byte == UInt8(ascii: ";") ? .beforeName : nil
        case .quoted:
            switch byte {
            case UInt8(ascii: "\""): .afterValue
            case UInt8(ascii: "\\"): .escaped
            default: byte.isTextByte ? .quoted : nil
            }
        case .escaped: byte.isTextByte ? .quoted : nil
        case .afterValue: byte.isBlank ? .afterValue : byte == UInt8(ascii: ";") ? .beforeName : nil
        }
    }

    private static func separator(_ byte: UInt8) -> State? {
        switch byte {
        case UInt8(ascii: "="): .beforeValue
        case UInt8(ascii: ";"): .beforeName
        default: nil
        }
    }
}

extension UInt8 {
    /// Blanks, visible ASCII and what lies above it (`obs-text`): all but control bytes (RFC 9110 5.5).
    var isTextByte: Bool { self >= 0x20 && self != 0x7f || self == 0x09 }
}
