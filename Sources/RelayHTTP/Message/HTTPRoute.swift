/// What a listener serves: decides on a head, answers a request, words a fault.
/// `admit` and `failure` run on the connection's event loop and must not block; `respond` runs there too until its first suspension.
package protocol HTTPRoute: Sendable {
    /// Decides on the bare address at the other end, as soon as it is accepted: who is refused is closed without a byte read or sent.
    /// Runs on the listener's event loop and must not block.
    func admits(_ peer: PeerAddress) -> Bool

    /// Decides on the head alone, before a byte of the body is read.
    /// An answer given here ends the request. The connection closes after it when a body was announced, for that stays unread, and when it refuses
    /// (a status of 400 or more): for its address, path or method, which the next request would not mend.
    func admit(_ head: HTTPRequestHead) -> HTTPAdmission

    /// Answers a request whose body arrived whole; not cancelled when its sender leaves, for the work may already be durable.
    func respond(to head: HTTPRequestHead, body: [UInt8]) async -> HTTPServerResponse

    /// Words a fault; the connection closes after it. `head` is `nil` when none could be read.
    func failure(_ fault: HTTPFault, head: HTTPRequestHead?) -> HTTPServerResponse

    /// Counts a connection that has ended; called once for each, on its event loop.
    func closed(_ end: HTTPConnectionEnd)
}

extension HTTPRoute {
    /// Counts nothing.
    package func closed(_ end: HTTPConnectionEnd) {}
}

extension HTTPRoute {
    /// Everyone.
    package func admits(_ peer: PeerAddress) -> Bool { true }
}

/// A route's decision on a request's head.
package enum HTTPAdmission: Sendable {
    /// Read the body, of at most this many bytes, then call `respond`.
    case read(maxBody: Int)
    /// Answer now.
    case answer(HTTPServerResponse)
}
