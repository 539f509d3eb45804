/// What a route answers: a status, header fields and the whole body.
/// `Content-Length`, `Date` and `Connection` are written by the server and dropped from `headers`; control bytes in a value become blanks.
package struct HTTPServerResponse: Sendable {
    package var status: Int
    package var headers: [(String, String)]
    package var body: [UInt8]
    /// Closes the connection after this response, whatever the request asked for.
    package var closes: Bool

    package init(status: Int, headers: [(String, String)] = [], body: [UInt8] = [], closes: Bool = false) {
        self.status = status
        self.headers = headers
        self.body = body
        self.closes = closes
    }

    package static func json(status: Int = 200, _ body: [UInt8], headers: [(String, String)] = [], closes: Bool = false) -> Self {
        Self(status: status, headers: [("content-type", "application/json")] + headers, body: body, closes: closes)
    }

    package static func json(status: Int = 200, _ body: String, headers: [(String, String)] = [], closes: Bool = false) -> Self {
        json(status: status, Array(body.utf8), headers: headers, closes: closes)
    }

    package static func text(status: Int = 200, _ body: String, headers: [(String, String)] = [], closes: Bool = false) -> Self {
        Self(
            status: status,
            headers: [("content-type", "text/plain; charset=utf-8")] + headers,
            body: Array(body.utf8),
            closes: closes
        )
    }
}
