import Glibc

/// Reads a file that an operator named, whole and within a bound.
///
/// It takes regular files only: a folder says so, and a pipe, which could keep a start or a reload waiting for ever, is refused unread.
enum BoundedFile {
    /// Why a file was not read, as the words after "found".
    struct Refusal: Error, Equatable {
        let found: String
        /// Whether there simply is no such file.
        var isAbsent = false
    }

    static func read(_ path: String, atMost limit: Int) throws(Refusal) -> [UInt8] {
        let file = try openRegular(path)
        defer { close(file) }
        var bytes: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 65536)
        while true {
            let count = Glibc.read(file, &chunk, chunk.count)
            if count < 0, errno == EINTR { continue }
            guard count >= 0 else { throw refusal(path, errno) }
            if count == 0 { return bytes }
            bytes += chunk[..<count]
            guard bytes.count <= limit else {
                throw Refusal(found: "\(Quoted.value(path)), which is larger than \(SizeUnit.text(limit))")
            }
        }
    }

    /// Whether it could be read, for files whose content belongs to someone else.
    static func check(_ path: String) throws(Refusal) {
        close(try openRegular(path))
    }

    private static func openRegular(_ path: String) throws(Refusal) -> Int32 {
        let file = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
        guard file >= 0 else { throw refusal(path, errno) }
        var status = stat()
        guard fstat(file, &status) == 0 else {
            let code = errno
            close(file)
            throw refusal(path, code)
        }
        guard status.st_mode & S_IFMT == S_IFREG else {
            close(file)
            let kind = status.st_mode & S_IFMT == S_IFDIR ? "a folder" : "no regular file"
            throw Refusal(found: "\(Quoted.value(path)), which is \(kind)")
        }
        return file
    }

    private static func refusal(_ path: String, _ code: Int32) -> Refusal {
        switch code {
        case ENOENT, ENOTDIR: Refusal(found: "\(Quoted.value(path)), which does not exist", isAbsent: true)
        case EACCES, EPERM: Refusal(found: "\(Quoted.value(path)), which may not be read")
        default: Refusal(found: "\(Quoted.value(path)), which cannot be read (errno \(code))")
        }
    }
}
