/// A YAML value with the line it began on.
///
/// It is a plain tree: aliases, anchors and tags never get this far.
struct YAMLNode: Equatable {
    enum Content: Equatable {
        /// `isPlain` tells an unquoted scalar, the only kind that can mean null.
        case scalar(String, isPlain: Bool)
        case sequence([YAMLNode])
        case mapping([Member])
        /// What a fault was already reported for.
        case refused
    }

    struct Member: Equatable {
        let key: String
        let line: Int
        let value: YAMLNode
    }

    let content: Content
    let line: Int

    /// Null in YAML 1.2's core schema (10.3.2).
    var isNull: Bool {
        guard case .scalar(let text, isPlain: true) = content else { return false }
        return ["", "~", "null", "Null", "NULL"].contains(text)
    }

    /// The value of a setting; a shape no setting has is described without its content.
    var raw: RawValue {
        switch content {
        case _ where isNull: return .nothing
        case .scalar(let text, _): return .text(text)
        case .mapping: return .misshapen("a section")
        case .refused: return .misshapen("a value that cannot be read")
        case .sequence(let elements):
            var texts: [String] = []
            for element in elements {
                guard case .scalar(let text, _) = element.content, !element.isNull else {
                    return .misshapen("a list whose entry in line \(element.line) is not text")
                }
                texts.append(text)
            }
            return .list(texts)
        }
    }
}
