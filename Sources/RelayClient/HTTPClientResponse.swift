/// A whole response.
/// Its body was complete by its own framing: a cut one is an error, never a shorter body.
package struct HTTPClientResponse: Sendable {
    package let status: Int
    package let headers: ResponseHeaders
    package let body: [UInt8]
}

/// The header fields of a response, in order of arrival; names compare without regard to case (RFC 9110 5.1).
package struct ResponseHeaders: Sendable {
    package private(set) var pairs: [(name: String, value: String)] = []

    mutating func add(name: String, value: String) { pairs.append((name, value)) }

    /// The first value of `name`.
    package func first(name: String) -> String? {
        let name = name.lowercased()
        return pairs.first { $0.name.lowercased() == name }?.value
    }
}
