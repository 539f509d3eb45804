/// Which events are accepted: globs in which `*` stands for any run of characters.
package struct EventFilter: Sendable {
    private let globs: [[UInt8]]

    package init(_ globs: [String]) { self.globs = globs.map { Array($0.utf8) } }

    package func accepts(_ event: EventName) -> Bool {
        let name = Array(event.text.utf8)
        return globs.contains { Self.matches($0[...], name[...]) }
    }

    /// Greedy with one step back per star: linear in practice, never exponential.
    private static func matches(_ glob: ArraySlice<UInt8>, _ name: ArraySlice<UInt8>) -> Bool {
        var position = name.startIndex
        var pattern = glob.startIndex
        var star: (pattern: Int, position: Int)?
        while position < name.endIndex {
            if pattern < glob.endIndex, glob[pattern] == 0x2A {
                star = (pattern, position)
                pattern += 1
            } else if pattern < glob.endIndex, glob[pattern] == name[position] {
                pattern += 1
                position += 1
            } else if let last = star {
                star = (last.pattern, last.position + 1)
                pattern = last.pattern + 1
                position = last.position + 1
            } else {
                return false
            }
        }
        return glob[pattern...].allSatisfy { $0 == 0x2A }
    }
}
