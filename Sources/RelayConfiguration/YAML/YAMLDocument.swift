/// The one document of a YAML text as a tree, or all that is wrong with it.
///
/// It refuses what makes a configuration ambiguous or costly: a key given twice, aliases, anchors, tags, keys that are not text, a second document,
/// more than 32 levels, more than 10,000 values. After a syntax error there is no tree.
struct YAMLDocument {
    struct Fault: Error, Equatable {
        let found: String
        let allowed: String
        let line: Int
    }

    static let deepest = 32
    static let most = 10_000

    private(set) var root: YAMLNode?
    private(set) var faults: [Fault] = []
    private var nodes = 0

    init(_ bytes: [UInt8]) {
        guard let text = String(validating: bytes, as: UTF8.self) else {
            let valid = Self.lineOfFirstInvalidByte(bytes)
            faults = [Fault(found: "bytes that are not UTF-8", allowed: "UTF-8 text", line: valid)]
            return
        }
        do {
            var events = try YAMLEvents(bytes)
            root = try document(&events)
        } catch let error as YAMLEvents.SyntaxError {
            faults.append(Self.fault(error, in: text))
        } catch let error as Fault {
            faults.append(error)
        } catch {
            faults.append(Fault(found: "text that cannot be read", allowed: "YAML", line: 1))
        }
    }

    private mutating func document(_ events: inout YAMLEvents) throws -> YAMLNode? {
        var root: YAMLNode?
        while true {
            let event = try events.next()
            switch event.kind {
            case .streamEnd: return root
            case .streamStart, .documentStart, .documentEnd: continue
            default:
                guard root == nil else { throw Fault(found: "a second document", allowed: "one document", line: event.line) }
                root = try node(event, &events, depth: 1)
            }
        }
    }

    private mutating func node(_ event: YAMLEvents.Event, _ events: inout YAMLEvents, depth: Int) throws -> YAMLNode {
        nodes += 1
        guard nodes <= Self.most else { throw Fault(found: "more than \(Self.most) values", allowed: "fewer", line: event.line) }
        guard depth <= Self.deepest else {
            throw Fault(found: "more than \(Self.deepest) levels", allowed: "fewer", line: event.line)
        }
        var content: YAMLNode.Content
        switch event.kind {
        case .scalar(let text, let isPlain): content = .scalar(text, isPlain: isPlain)
        case .sequenceStart: content = .sequence(try sequence(&events, depth: depth))
        case .mappingStart: content = .mapping(try mapping(&events, depth: depth))
        default:
            faults.append(Fault(found: "an alias (*name)", allowed: "the value itself", line: event.line))
            content = .refused
        }
        if event.isDecorated {
            faults.append(Fault(found: "an anchor (&name) or a tag (!name)", allowed: "plain values", line: event.line))
            content = .refused
        }
        return YAMLNode(content: content, line: event.line)
    }

    private mutating func sequence(_ events: inout YAMLEvents, depth: Int) throws -> [YAMLNode] {
        var elements: [YAMLNode] = []
        while true {
            let event = try events.next()
            if event.kind == .sequenceEnd { return elements }
            elements.append(try node(event, &events, depth: depth + 1))
        }
    }

    private mutating func mapping(_ events: inout YAMLEvents, depth: Int) throws -> [YAMLNode.Member] {
        var members: [YAMLNode.Member] = []
        var lines: [String: Int] = [:]
        while true {
            let event = try events.next()
            if event.kind == .mappingEnd { return members }
            let key = try node(event, &events, depth: depth + 1)
            let value = try node(try events.next(), &events, depth: depth + 1)
            guard case .scalar(let name, _) = key.content else {
                faults.append(Fault(found: "a key that is not text", allowed: "names of settings", line: key.line))
                continue
            }
            if let first = lines.updateValue(key.line, forKey: name) {
                faults.append(
                    Fault(found: "\(Quoted.value(name)) again, after line \(first)", allowed: "every key once", line: key.line)
                )
                continue
            }
            members.append(YAMLNode.Member(key: name, line: key.line, value: value))
        }
    }

    private static func fault(_ error: YAMLEvents.SyntaxError, in text: String) -> Fault {
        let lines = text.utf8.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
        let line = lines.indices.contains(error.line - 1) ? Substring(lines[error.line - 1]) : ""
        let indentation = line.prefix { $0 == " " || $0 == "\t" }
        let found = indentation.contains("\t") ? "a tab in the indentation" : error.problem
        return Fault(
            found: "\(Quoted.line(found)), column \(error.column)",
            allowed: indentation.contains("\t") ? "spaces" : "YAML, as in relay.yaml.example",
            line: error.line
        )
    }

    private static func lineOfFirstInvalidByte(_ bytes: [UInt8]) -> Int {
        var line = 1
        for part in bytes.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false) {
            if String(validating: part, as: UTF8.self) == nil { return line }
            line += 1
        }
        return line
    }
}
