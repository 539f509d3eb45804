import COpenSSL
import Glibc

/// Digests of a listener's PEM files as they were read, so that a renewed one can be told from the one before. It refuses a file that ends in
/// the middle of a line that begins a certificate: OpenSSL takes such a file for a whole one without that certificate.
package struct TLSFileContents: Sendable, Equatable {
    package let certificate: [UInt8]
    package let privateKey: [UInt8]
    package let clientCA: [UInt8]?

    /// A bundle of all public authorities has a quarter of a MiB.
    private static let longest = 4 << 20

    init(_ configuration: TLSConfiguration) throws(TLSError) {
        certificate = try Self.digest(configuration.certificateFile)
        privateKey = try Self.digest(configuration.privateKeyFile)
        clientCA = try configuration.clientCAFile.map { file throws(TLSError) in try Self.digest(file) }
    }

    private static func digest(_ file: String) throws(TLSError) -> [UInt8] {
        let bytes = try read(file)
        let lastLine = bytes.suffix { $0 != UInt8(ascii: "\n") }
        if lastLine.starts(with: "-".utf8), !lastLine.reversed().starts(with: "-----".utf8) || lastLine.count < 11 {
            throw .unusable(file: file, reason: "it ends in the middle of a line, half-written")
        }
        var digest = [UInt8](repeating: 0, count: Int(SHA256_DIGEST_LENGTH))
        SHA256(bytes, bytes.count, &digest)
        return digest
    }

    private static func read(_ file: String) throws(TLSError) -> [UInt8] {
        let descriptor = open(file, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
        guard descriptor >= 0 else { throw .cannotRead(file: file, reason: String(cString: strerror(errno))) }
        defer { close(descriptor) }
        var bytes: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 65_536)
        while true {
            let count = Glibc.read(descriptor, &chunk, chunk.count)
            if count < 0, errno == EINTR { continue }
            guard count >= 0 else { throw .cannotRead(file: file, reason: String(cString: strerror(errno))) }
            if count == 0 { return bytes }
            bytes += chunk[..<count]
            guard bytes.count <= longest else { throw .unusable(file: file, reason: "it is larger than 4 MiB") }
        }
    }
}

extension [UInt8] {
    /// What stands at the end and satisfies `condition` throughout.
    fileprivate func suffix(while condition: (UInt8) -> Bool) -> ArraySlice<UInt8> {
        self[(lastIndex { !condition($0) }.map { $0 + 1 } ?? 0)...]
    }
}
