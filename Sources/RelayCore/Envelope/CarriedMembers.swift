/// Members of Argyle's that the envelope has no names for, as slices of the delivered body; they travel along unread.
///
/// Argyle adds members without notice. Of a name that stands twice in one object the last value counts, as for every JSON parser.
struct CarriedMembers: Sendable {
    private(set) var members: [(name: JSONString, value: Range<Int>)] = []

    var isEmpty: Bool { members.isEmpty }

    mutating func append(_ name: JSONString, _ value: Range<Int>) { members.append((name, value)) }

    /// Writes each as `,"name":value`, byte for byte. A name that is taken already goes under `argyle_<name>`.
    /// - Parameter taken: names that stand in the object so far, in UTF-8; those that are written here are added.
    func write(from body: [UInt8], beside taken: inout Set<[UInt8]>, to json: inout JSONWriter) {
        for (name, raw, value) in distinct(in: body) {
            var name = name
            var prefixes = 0
            while !taken.insert(name).inserted {
                name = Self.prefix + name
                prefixes += 1
            }
            json.raw(",\"")
            for _ in 0..<prefixes { json.raw(Self.prefix) }
            json.raw(body[raw])
            json.raw("\":")
            json.raw(body[value])
        }
    }

    private static let prefix = Array("argyle_".utf8)

    /// By the place of a name's first member and the value of its last. Names are compared without their escapes, scalar by scalar.
    private func distinct(in body: [UInt8]) -> [(name: [UInt8], raw: Range<Int>, value: Range<Int>)] {
        var found: [(name: [UInt8], raw: Range<Int>, value: Range<Int>)] = []
        var places: [[UInt8]: Int] = [:]
        for (name, value) in members {
            // One with half a surrogate pair has no text to compare, and stays itself.
            let text = (try? name.text(in: body)).map { Array($0.utf8) } ?? Array(body[name.content])
            if let place = places.updateValue(places[text] ?? found.count, forKey: text) {
                found[place].value = value
            } else {
                found.append((text, name.content, value))
            }
        }
        return found
    }
}
