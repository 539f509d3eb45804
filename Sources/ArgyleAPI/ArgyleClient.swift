package import RelayClient
package import RelayCore

/// Argyle's REST API (https://docs.argyle.com): one request at a time, with basic authentication, back-off and pagination.
///
/// It sends the credential to its base URL's origin only, wherever a response points to, and repeats a request only where that cannot do
/// the same thing twice.
package struct ArgyleClient: Sendable {
    /// An API key, which is never printed.
    package struct Credential: Sendable {
        let id: String
        let secret: String

        package init(id: String, secret: String) {
            self.id = id
            self.secret = secret
        }
    }

    package let baseURL: String
    let base: HTTPURL
    let credential: Credential
    let http: HTTPClient
    let retry: RetryPolicy
    let clock: any Clock<Duration>
    let time: TimeSource
    let random: @Sendable () -> Double
    let timeout: Duration

    /// - Parameters:
    ///   - baseURL: without a slash at its end.
    ///   - random: 0 to 1, for the jitter.
    ///   - timeout: of one request.
    package init(
        baseURL: String,
        credential: Credential,
        http: HTTPClient,
        clock: any Clock<Duration>,
        time: TimeSource,
        retry: RetryPolicy = RetryPolicy(),
        random: @escaping @Sendable () -> Double = { .random(in: 0...1) },
        timeout: Duration = .seconds(30)
    ) throws(HTTPClientError) {
        self.baseURL = baseURL
        base = try HTTPURL(baseURL)
        self.credential = credential
        self.http = http
        self.clock = clock
        self.time = time
        self.retry = retry
        self.random = random
        self.timeout = timeout
    }
}

extension ArgyleClient.Credential: CustomStringConvertible, CustomReflectable {
    package var description: String { "<redacted>" }
    package var customMirror: Mirror { Mirror(self, children: []) }
}
