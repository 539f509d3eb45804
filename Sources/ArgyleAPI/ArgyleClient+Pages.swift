import FoundationEssentials
import RelayClient

/// One page of a listing.
struct Page<Element: Decodable>: Decodable {
    var next: String?
    var results: [Element]
}

/// The way through a listing, page by page. It follows links within the base URL's own origin alone, for the credential goes with them, and never
/// in a circle.
struct PageWalk: Sendable {
    private let client: ArgyleClient
    private let path: String
    private let most: Int
    private var url: HTTPURL?
    private var seen: Set<HTTPURL> = []

    /// - Parameter most: no listing of the kind has more pages: a server that goes on beyond is turning in circles.
    init(_ client: ArgyleClient, _ path: String, most: Int) throws(ArgyleError) {
        self.client = client
        self.path = path
        self.most = most
        url = try client.url(path)
    }

    /// Nil behind the last page.
    mutating func next<Element>(
        _ read: (HTTPURL) async throws(ArgyleError) -> Page<Element>
    ) async throws(ArgyleError) -> [Element]? {
        guard let url else { return nil }
        guard seen.insert(url).inserted else { throw .unexpected("the pages of \(path) lead in a circle") }
        guard seen.count <= most else { throw .unexpected("more than \(most) pages of \(path)") }
        let page = try await read(url)
        self.url = if let link = page.next, !link.isEmpty { try client.following(link) } else { nil }
        return page.results
    }
}

extension ArgyleClient {
    /// Of any listing that is read whole.
    static let mostPages = 1000

    /// Every element of a listing.
    func all<Element: Decodable & Sendable>(_ type: Element.Type, at path: String) async throws(ArgyleError) -> [Element] {
        var elements: [Element] = []
        var walk = try PageWalk(self, path, most: Self.mostPages)
        let read = { (url: HTTPURL) async throws(ArgyleError) -> Page<Element> in try decode(try await get(url), from: path) }
        while let page = try await walk.next(read) { elements += page }
        return elements
    }

    func get(_ url: HTTPURL) async throws(ArgyleError) -> HTTPClientResponse {
        do throws(Failure) { return try await send("GET", url, repeating: .always) } catch { throw error.definite }
    }

    func decode<Value: Decodable>(_ response: HTTPClientResponse, from path: String) throws(ArgyleError) -> Value {
        do { return try JSONDecoder().decode(Value.self, from: Data(response.body)) } catch {
            throw .unexpected("what came from \(path) is not as documented")
        }
    }

    /// Where a link to the next page leads; refuses any other origin than the base URL's.
    func following(_ next: String) throws(ArgyleError) -> HTTPURL {
        // A reference without an origin is relative to ours (RFC 3986, section 4.2).
        if next.hasPrefix("/"), !next.hasPrefix("//") {
            return try self.url(String(next))
        }
        guard let url = try? HTTPURL(next), url.hasSameOrigin(as: base) else {
            throw .unexpected("the next page lies at another origin than \(baseURL)")
        }
        return url
    }
}

extension ArgyleClient.Failure {
    /// For requests that may be repeated, whose failures are never in doubt.
    var definite: ArgyleError {
        switch self {
        case .argyle(let error): error
        case .ambiguous(let ambiguous):
            .unavailable(status: ambiguous.status, message: ambiguous.message, attempts: ambiguous.attempts)
        }
    }
}
