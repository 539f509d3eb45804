import Glibc

/// The file, pipe, socket or terminal that lines are written to. It waits for as long as the reader takes, and never raises an error: what is
/// not written has nowhere else to go.
struct LogDescriptor {
    let number: Int32
    /// A pipe takes so much whole or not at all (PIPE_BUF of pipe(7)), so that another program's lines do not come between.
    private static let piece = 4096

    /// Writes whole lines, several at once.
    /// - Returns: how many bytes were written; fewer than all when no more can be.
    func write(_ lines: [UInt8]) -> Int {
        var written = 0
        while written < lines.count {
            let end = Self.end(of: lines, from: written)
            while written < end {
                let count = lines.withUnsafeBytes { Glibc.write(number, $0.baseAddress.map { $0 + written }, end - written) }
                if count > 0 {
                    written += count
                } else if count < 0, errno == EAGAIN || errno == EWOULDBLOCK {
                    guard waitForRoom() else { return written }
                } else if count == 0 || errno != EINTR {
                    return written
                }
            }
        }
        return written
    }

    /// The end of as many whole lines as go in one piece, or of the one line that is longer.
    private static func end(of lines: [UInt8], from start: Int) -> Int {
        guard lines.count - start > piece else { return lines.count }
        let newline = UInt8(ascii: "\n")
        let last = lines[start..<start + piece].lastIndex(of: newline) ?? lines[(start + piece)...].firstIndex(of: newline)
        return last.map { $0 + 1 } ?? lines.count
    }

    /// Whoever shares the descriptor may have made it non-blocking.
    private func waitForRoom() -> Bool {
        var wanted = pollfd(fd: number, events: Int16(POLLOUT), revents: 0)
        while poll(&wanted, 1, -1) < 0 {
            guard errno == EINTR else { return false }
        }
        return true
    }
}
