/// A newtype over text that is spelled as one JSON string; what its own syntax refuses is refused when decoding too.
package protocol TextCodable: Codable {
    init?(_ text: String)
    var spelling: String { get }
}

extension TextCodable {
    package init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        let text = try container.decode(String.self)
        guard let value = Self(text) else {
            throw DecodingError.dataCorruptedError(in: container, debugDescription: "not a valid \(Self.self)")
        }
        self = value
    }

    package func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(spelling)
    }
}

extension UserID: TextCodable { package var spelling: String { text } }
extension AccountID: TextCodable { package var spelling: String { text } }
extension EventName: TextCodable { package var spelling: String { text } }
extension TopicName: TextCodable { package var spelling: String { text } }
extension EventID: TextCodable { package var spelling: String { description } }
extension Timestamp: TextCodable { package var spelling: String { description } }
