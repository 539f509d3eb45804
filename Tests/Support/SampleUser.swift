import RelayCore

/// A user whose set of accounts grows with each revision, and the deliveries that tell of it.
package struct SampleUser: Sendable {
    package let number: Int
    package var id: String { "018051aa-f7a9-a0db-2f38-" + Self.digits(number) }

    package init(_ number: Int) { self.number = number }

    /// The body of this user's `revision`-th fact, which counts from 1, indented as Argyle does. A `repeated` one says the same in other bytes:
    /// another order, upper case and white space.
    package func body(revision: Int, repeated: Bool = false) -> [UInt8] {
        let accounts = (1...revision).map { "0185a8b8-60eb-80ca-\(Self.digits(number).suffix(4))-\(Self.digits($0))" }
        let listed = (repeated ? accounts.reversed().map { $0.uppercased() } : accounts).map { "\"\($0)\"" }
        return Array(
            """
            {
              "event": "users.fully_synced",\(repeated ? " " : "")
              "name": "acceptance",
              "data": {
                "user": "\(id)",
                "resource": {
                  "id": "\(id)",
                  "accounts_connected": [
                    \(listed.joined(separator: repeated ? " , " : ",\n        "))
                  ],
                  "items_connected": [
                    "item_\(number)"
                  ],
                  "employers_connected": [
                    "Bullseye"
                  ],
                  "external_metadata": {
                    "rate": 1.10
                  },
                  "external_id": null,
                  "created_at": "2023-04-27T07:02:01.279Z"
                }
              }
            }
            """.utf8
        )
    }

    /// Revisions 1 to `revisions` in order; with `repeats`, each again while later ones are on their way: 1 2 1 3 2 4 3 … n.
    package func bodies(revisions: Int, repeats: Bool = false) -> [[UInt8]] {
        (1...revisions + 1).flatMap { revision in
            (revision <= revisions ? [body(revision: revision)] : [])
                + (repeats && revision > 1 ? [body(revision: revision - 1, repeated: true)] : [])
        }
    }

    private static func digits(_ number: Int) -> String {
        let text = String(number, radix: 16)
        return String(repeating: "0", count: 12 - text.count) + text
    }
}

extension String {
    /// What Argyle writes in `X-Argyle-Signature`.
    package init(signing body: [UInt8], with secret: String) {
        self = Hexadecimal.encode(Digest.hmac(.sha512, key: Array(secret.utf8), message: body))
    }
}
