import FoundationEssentials
import RelayClient
package import RelayCore

/// Reads accounts and users of Argyle's API at a pace; changes nothing there.
package struct AccountReader: Sendable {
    let client: ArgyleClient
    let pace: RequestPace

    package init(_ client: ArgyleClient, pace: RequestPace) {
        self.client = client
        self.pace = pace
    }

    /// All accounts of the API key, page by page.
    package func pages() throws(ArgyleError) -> AccountPages { try AccountPages(self, "/v2/accounts?limit=200") }

    /// All accounts of one user, as of now; none of a user that Argyle does not know any more.
    package func accounts(of user: UserID) async throws(ArgyleError) -> [ArgyleAccount] {
        let path = "/v2/accounts?user=\(user.text)&limit=200"
        var accounts: [ArgyleAccount] = []
        var seen: Set<AccountID> = []
        do throws(ArgyleError) {
            var pages = try AccountPages(self, path)
            while let page = try await pages.next() {
                guard page.allSatisfy({ $0.user == user }) else { throw .unexpected("\(path) lists accounts of other users") }
                accounts += page.filter { seen.insert($0.id).inserted }
            }
        } catch {
            if case .refused(status: 404, _) = error { return [] }
            throw error
        }
        return accounts
    }

    /// The object of `/v2/users/{id}`; nil where Argyle shows none.
    package func profile(of user: UserID) async throws(ArgyleError) -> [UInt8]? {
        do throws(ArgyleError) { return try await get(client.url("/v2/users/\(user.text)")).body } catch {
            if case .refused(status: 404, _) = error { return nil }
            throw error
        }
    }

    func get(_ url: HTTPURL) async throws(ArgyleError) -> HTTPClientResponse {
        await pace.turn()
        return try await client.get(url)
    }
}

/// A listing of accounts, one page after the other.
package struct AccountPages: Sendable {
    /// Far beyond any customer's accounts.
    private static let most = 100_000

    private let reader: AccountReader
    private let path: String
    private var walk: PageWalk

    init(_ reader: AccountReader, _ path: String) throws(ArgyleError) {
        self.reader = reader
        self.path = path
        walk = try PageWalk(reader.client, path, most: Self.most)
    }

    /// Nil behind the last page.
    package mutating func next() async throws(ArgyleError) -> [ArgyleAccount]? {
        let (reader, path) = (reader, path)
        return try await walk.next { (url) async throws(ArgyleError) in try Self.read(try await reader.get(url), from: path) }
    }

    private static func read(_ response: HTTPClientResponse, from path: String) throws(ArgyleError) -> Page<ArgyleAccount> {
        do { return try JSONDecoder().decode(Strict.self, from: Data(response.body)).page } catch {
            throw .unexpected("what came from \(path) is not as documented: \(words(error))")
        }
    }

    /// Names members, never what stands in them.
    private static func words(_ error: any Error) -> String {
        guard let error = error as? DecodingError else { return "it is no JSON" }
        func place(_ context: DecodingError.Context, _ last: (any CodingKey)? = nil) -> String {
            let names = (context.codingPath + [last].compactMap(\.self)).map { $0.intValue.map(String.init) ?? $0.stringValue }
            return names.isEmpty ? "the whole" : String(names.joined(separator: ".").prefix(100))
        }
        switch error {
        case .keyNotFound(let key, let context): return "\(place(context, key)) is missing"
        case .typeMismatch(_, let context): return "\(place(context)) is of another type"
        case .valueNotFound(_, let context): return "\(place(context)) is null"
        case .dataCorrupted(let context):
            return context.codingPath.isEmpty ? "it is no JSON" : "\(place(context)) is not what stands there"
        @unknown default: return "it cannot be read"
        }
    }

    private struct Strict: Decodable {
        let page: Page<ArgyleAccount>

        private enum Key: CodingKey { case next, results }

        init(from decoder: any Decoder) throws {
            let members = try decoder.container(keyedBy: Key.self)
            // A listing without the member would seem to end with its first page.
            let next = try members.decode(String?.self, forKey: .next)
            page = Page(next: next, results: try members.decode([ArgyleAccount].self, forKey: .results))
        }
    }
}
