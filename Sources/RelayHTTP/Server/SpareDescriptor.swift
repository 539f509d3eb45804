import Glibc

/// A descriptor kept open for nothing but to be given up when there are no more, so that one connection can still be taken.
struct SpareDescriptor {
    private var descriptor: CInt = -1

    /// Takes one, where it is wanted and missing and there is one.
    mutating func restore(if isWanted: Bool) {
        if isWanted, descriptor < 0 { descriptor = open("/dev/null", O_RDONLY | O_CLOEXEC) }
    }

    /// Whether there was one to give up.
    mutating func giveUp() -> Bool {
        guard descriptor >= 0 else { return false }
        close(descriptor)
        descriptor = -1
        return true
    }
}
