/// Picking members by name, with the decoder's words for what is wrong with them.
extension JSONScanner {
    /// Where the values of `names` lie in the text's one object; nil for those that are absent.
    mutating func outermostMembers(_ names: [StaticString]) throws(Unreadable) -> [Range<Int>?] {
        var isObject = true
        do throws(JSONFault) {
            isObject = try peek() == 0x7B
            if !isObject {
                try value()
                try finish()
            }
        } catch {
            throw Unreadable(error)
        }
        guard isObject else { throw Unreadable(.notAnObject, "the body is JSON but no object") }
        let found = try members(names)
        do throws(JSONFault) { try finish() } catch { throw Unreadable(error) }
        return found
    }

    /// Where the values of `names` lie in the object that starts here; the scanner ends behind it.
    mutating func members(_ names: [StaticString]) throws(Unreadable) -> [Range<Int>?] {
        var hasOthers = false
        return try members(names, hasOthers: &hasOthers)
    }

    /// The same, and whether the object has members besides.
    mutating func members(_ names: [StaticString], hasOthers: inout Bool) throws(Unreadable) -> [Range<Int>?] {
        var found = [Range<Int>?](repeating: nil, count: names.count)
        var twice: StaticString?
        var others = false
        do throws(JSONFault) {
            try object { (scanner, name) throws(JSONFault) in
                let index = names.firstIndex { name.equals($0, in: scanner.bytes) }
                let range = try scanner.value()
                guard let index else {
                    others = true
                    return
                }
                if found[index] != nil { twice = names[index] }
                found[index] = range
            }
        } catch {
            throw Unreadable(error)
        }
        if let twice { throw Unreadable(.duplicateMember, "the member \(twice) stands twice") }
        hasOthers = others
        return found
    }

    func isNull(at range: Range<Int>) -> Bool { bytes[range.lowerBound] == 0x6E }

    /// The string at `range`, nil when something else stands there; refuses lone surrogates.
    func string(at range: Range<Int>, named member: StaticString) throws(Unreadable) -> String? {
        guard bytes[range.lowerBound] == 0x22 else { return nil }
        var scanner = JSONScanner(bytes, in: range)
        do throws(JSONFault) { return try scanner.string().text(in: bytes) } catch {
            throw Unreadable(.memberInvalid, "\(member) holds a \(error.kind.rawValue)")
        }
    }

    /// The strings of the array at `range`, nil when it is something else or holds anything else.
    func strings(at range: Range<Int>, named member: StaticString) throws(Unreadable) -> [String]? {
        guard bytes[range.lowerBound] == 0x5B else { return nil }
        var texts: [String] = []
        var isStrings = true
        var scanner = JSONScanner(bytes, in: range)
        do throws(JSONFault) {
            try scanner.array { (scanner) throws(JSONFault) in
                guard try scanner.peek() == 0x22 else {
                    isStrings = false
                    try scanner.value()
                    return
                }
                texts.append(try scanner.string().text(in: scanner.bytes))
            }
        } catch {
            throw Unreadable(.memberInvalid, "\(member) holds a \(error.kind.rawValue)")
        }
        return isStrings ? texts : nil
    }
}

extension JSONString {
    /// Whether this is `name`, escaped or not.
    func equals(_ name: StaticString, in bytes: [UInt8]) -> Bool {
        if hasEscapes { return (try? text(in: bytes)) == name.description }
        guard content.count == name.utf8CodeUnitCount else { return false }
        for offset in 0..<content.count where bytes[content.lowerBound + offset] != name.utf8Start[offset] { return false }
        return true
    }
}
