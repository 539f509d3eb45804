/// Members of Argyle's object that the contract gives no name: written behind ours with the bytes of the delivery.
///
/// Refuses to give one name to two of them. A name that is ours takes `argyle_` in front, as often as it needs to be nobody's; of members
/// that Argyle gives one name, escaped or not, the last one counts, as it does for nearly every reader of JSON.
enum CarriedMembers {
    private static let prefix = Array("argyle_".utf8)

    /// - Parameters:
    ///   - object: where it lies in `body`, checked when it was decoded.
    ///   - known: members that are in the envelope already.
    ///   - ours: names that no member may have.
    static func write(
        from object: Range<Int>,
        of body: [UInt8],
        besides known: [StaticString],
        clear ours: [StaticString],
        to json: inout JSONWriter
    ) {
        // Two walks over the object: what is kept in between is one entry for each name, and no value.
        let last = lastPlaces(in: object, of: body, besides: known)
        walk(object, of: body, besides: known) { name, value in
            guard last[name.key(in: body)] == value.lowerBound else { return }
            json.raw(",\"")
            for _ in 0..<prefixes(before: name, in: body, ours: ours, taken: last) { json.raw(prefix) }
            json.raw(body[name.content])
            json.raw("\":")
            json.raw(body[value])
        }
    }

    /// Where the last value of each name begins.
    private static func lastPlaces(
        in object: Range<Int>,
        of body: [UInt8],
        besides known: [StaticString]
    ) -> [ArraySlice<UInt8>: Int] {
        var last: [ArraySlice<UInt8>: Int] = [:]
        walk(object, of: body, besides: known) { name, value in last[name.key(in: body)] = value.lowerBound }
        return last
    }

    private static func prefixes(
        before name: JSONString,
        in body: [UInt8],
        ours: [StaticString],
        taken: [ArraySlice<UInt8>: Int]
    ) -> Int {
        guard ours.contains(where: { name.equals($0, in: body) }) else { return 0 }
        var key = prefix + name.key(in: body)
        var count = 1
        while taken[key[...]] != nil {
            key = prefix + key
            count += 1
        }
        return count
    }

    private static func walk(
        _ object: Range<Int>,
        of body: [UInt8],
        besides known: [StaticString],
        _ member: (JSONString, Range<Int>) -> Void
    ) {
        var scanner = JSONScanner(body, in: object)
        do throws(JSONFault) {
            try scanner.object { (scanner, name) throws(JSONFault) in
                let value = try scanner.value()
                if !known.contains(where: { name.equals($0, in: body) }) { member(name, value) }
            }
        } catch {
            // Not reached: the decoder walked over these bytes to their end.
            return
        }
    }
}
