import FoundationEssentials
import RelayClient

/// One page of a listing.
private struct Page<Element: Decodable>: Decodable {
    var next: String?
    var results: [Element]
}

extension ArgyleClient {
    /// No listing of ours is this long: a server that goes on beyond is turning in circles.
    static let mostPages = 1000

    /// Every element of a listing, page by page. `next` is followed within the base URL's own origin only: the credential goes with it.
    func all<Element: Decodable & Sendable>(_ type: Element.Type, at path: String) async throws(ArgyleError) -> [Element] {
        var elements: [Element] = []
        var url = try url(path)
        var seen: Set<HTTPURL> = []
        while seen.insert(url).inserted {
            guard seen.count <= Self.mostPages else { throw .unexpected("more than \(Self.mostPages) pages of \(path)") }
            let page: Page<Element> = try decode(try await get(url), from: path)
            elements += page.results
            guard let next = page.next, !next.isEmpty else { return elements }
            url = try following(next)
        }
        throw .unexpected("the pages of \(path) lead in a circle")
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
