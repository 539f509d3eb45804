import CYAML

/// The events of one YAML text, in order, as libyaml reads them.
///
/// It owns libyaml's parser and the bytes it reads; every event is freed before the next is asked for, and all of it when this ends.
struct YAMLEvents: ~Copyable {
    struct Event {
        enum Kind: Equatable {
            case streamStart, streamEnd, documentStart, documentEnd
            case scalar(String, isPlain: Bool)
            case sequenceStart, sequenceEnd, mappingStart, mappingEnd
            case alias
        }

        let kind: Kind
        /// Counted from 1.
        let line: Int
        /// An anchor or a tag that stands before the value.
        let isDecorated: Bool
    }

    /// What libyaml says is wrong, and where; it never quotes the text.
    struct SyntaxError: Error, Equatable {
        let problem: String
        let line: Int
        let column: Int
    }

    private let parser: UnsafeMutablePointer<yaml_parser_t>
    private let input: UnsafeMutableBufferPointer<UInt8>

    init(_ bytes: [UInt8]) throws(SyntaxError) {
        input = .allocate(capacity: bytes.count)
        _ = input.initialize(from: bytes)
        parser = .allocate(capacity: 1)
        parser.initialize(to: yaml_parser_t())
        guard yaml_parser_initialize(parser) == 1 else {
            // The deinit deletes the parser, which it may only after this succeeded; libyaml leaves it zeroed, and deleting that is harmless.
            throw SyntaxError(problem: "out of memory", line: 0, column: 0)
        }
        yaml_parser_set_encoding(parser, YAML_UTF8_ENCODING)
        yaml_parser_set_input_string(parser, input.baseAddress, input.count)
    }

    deinit {
        yaml_parser_delete(parser)
        parser.deinitialize(count: 1)
        parser.deallocate()
        input.deallocate()
    }

    mutating func next() throws(SyntaxError) -> Event {
        var event = yaml_event_t()
        guard yaml_parser_parse(parser, &event) == 1 else { throw syntaxError() }
        defer { yaml_event_delete(&event) }
        let line = Int(event.start_mark.line) + 1
        switch event.type {
        case YAML_STREAM_START_EVENT:
            return Event(kind: .streamStart, line: line, isDecorated: false)
        case YAML_DOCUMENT_START_EVENT:
            return Event(kind: .documentStart, line: line, isDecorated: false)
        case YAML_DOCUMENT_END_EVENT:
            return Event(kind: .documentEnd, line: line, isDecorated: false)
        case YAML_ALIAS_EVENT:
            return Event(kind: .alias, line: line, isDecorated: false)
        case YAML_SCALAR_EVENT:
            let scalar = event.data.scalar
            let text = String(decoding: UnsafeBufferPointer(start: scalar.value, count: scalar.length), as: UTF8.self)
            let isPlain = scalar.style == YAML_PLAIN_SCALAR_STYLE
            return Event(kind: .scalar(text, isPlain: isPlain), line: line, isDecorated: scalar.anchor != nil || scalar.tag != nil)
        case YAML_SEQUENCE_START_EVENT:
            let start = event.data.sequence_start
            return Event(kind: .sequenceStart, line: line, isDecorated: start.anchor != nil || start.tag != nil)
        case YAML_SEQUENCE_END_EVENT:
            return Event(kind: .sequenceEnd, line: line, isDecorated: false)
        case YAML_MAPPING_START_EVENT:
            let start = event.data.mapping_start
            return Event(kind: .mappingStart, line: line, isDecorated: start.anchor != nil || start.tag != nil)
        case YAML_MAPPING_END_EVENT:
            return Event(kind: .mappingEnd, line: line, isDecorated: false)
        default:
            return Event(kind: .streamEnd, line: line, isDecorated: false)
        }
    }

    private func syntaxError() -> SyntaxError {
        let problem = parser.pointee.problem.map { String(cString: $0) } ?? "not YAML"
        let context = parser.pointee.context.map { " " + String(cString: $0) } ?? ""
        let mark = parser.pointee.problem_mark
        return SyntaxError(problem: problem + context, line: Int(mark.line) + 1, column: Int(mark.column) + 1)
    }
}
