/// One place in the tree that breaks a rule of the house, printed as a compiler would so that an editor can jump there.
struct Fault: CustomStringConvertible, Equatable {
    /// From the root of the tree.
    let path: String
    /// Counted from 1; 0 where the file as a whole is meant.
    let line: Int
    let reason: String

    var description: String { line == 0 ? "\(path): \(reason)" : "\(path):\(line): \(reason)" }
}
