import FoundationEssentials
import RelayCore

/// Which secrets a rotation is about, for a later run to go on from. Everything else is told by the file, Argyle and the relay; this alone is not:
/// once the old subscriptions are gone, nothing says which of the file's other secrets was theirs, and which is another API key's that must stay.
///
/// It lies beside the secrets, for the same eyes, and holds digests, no secret. It goes when the rotation is done.
struct RotationRecord: Codable, Equatable {
    static let suffix = ".rotation"

    /// SHA-256, hexadecimal.
    let new: String
    let old: [String]
    /// Whether the relay has shown that it reads this file.
    var isTaken = false

    init(new: String, old: [String]) {
        self.new = Self.print(new)
        self.old = old.map(Self.print)
    }

    /// Nil where no rotation is under way.
    static func read(beside file: SecretFile) throws -> RotationRecord? {
        guard let bytes = try file.read(beside: suffix) else { return nil }
        do { return try JSONDecoder().decode(Self.self, from: Data(bytes)) } catch {
            throw SecretFile.Fault(description: "\(file.beside(suffix)) is no record of a rotation: look at it, then remove it")
        }
    }

    func write(beside file: SecretFile) throws {
        try file.write(String(decoding: try JSONEncoder().encode(self), as: UTF8.self) + "\n", beside: Self.suffix)
    }

    func isNew(_ secret: String) -> Bool { new == Self.print(secret) }
    func isOld(_ secret: String) -> Bool { old.contains(Self.print(secret)) }

    private static func print(_ secret: String) -> String { Hexadecimal.encode(Digest.sha256(Array(secret.utf8))) }
}
