/// Why Argyle's API did not do what was asked, for whoever ran the command.
/// None of its texts holds a credential or a webhook's secret.
package enum ArgyleError: Error, Sendable, Equatable, CustomStringConvertible {
    /// The key is unknown, or lacks the right (401, 403).
    case notAuthorised(status: Int, message: String)
    /// Refused for good: the request is at fault (other 4xx).
    case refused(status: Int, message: String)
    /// Still busy or failing after every try; the same again later may work. `status` is nil where no response came.
    case unavailable(status: Int?, message: String, attempts: Int)
    /// Asks for a longer pause than a command should make; in seconds.
    case busy(retryAfter: Int)
    /// No way there, and trying again will not make one: a certificate that is not trusted, a proxy that refuses.
    case unreachable(String)
    /// A response that is not as documented.
    case unexpected(String)

    /// Whether the same again later may work.
    package var isTemporary: Bool {
        switch self {
        case .unavailable, .busy: true
        case .notAuthorised, .refused, .unreachable, .unexpected: false
        }
    }

    package var description: String {
        switch self {
        case .notAuthorised(let status, let message):
            "Argyle refuses the API key (\(status)): \(message); check argyle.api_key_id, argyle.api_key_secret and argyle.api_url (sandbox keys work at "
                + "https://api-sandbox.argyle.com only)"
        case .refused(let status, let message): "Argyle refuses the request (\(status)): \(message)"
        case .unavailable(let status, let message, let attempts):
            "Argyle's API is not available\(status.map { " (\($0))" } ?? ""): \(message); tried \(attempts) times"
        case .busy(let retryAfter): "Argyle's API asks to wait for \(retryAfter) s"
        case .unreachable(let what): "Argyle's API cannot be reached: \(what)"
        case .unexpected(let what): "Argyle's API answered unexpectedly: \(what)"
        }
    }
}
