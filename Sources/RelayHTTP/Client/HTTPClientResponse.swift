/// A whole response.
/// Its body was complete by its own framing: a cut one is an error, never a shorter body.
package struct HTTPClientResponse: Sendable {
    package let status: Int
    package let headers: HTTPHeaders
    package let body: [UInt8]

    package init(status: Int, headers: HTTPHeaders, body: [UInt8]) {
        self.status = status
        self.headers = headers
        self.body = body
    }
}
