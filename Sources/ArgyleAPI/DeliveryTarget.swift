/// Where subscriptions deliver, as far as a relay can know its own: by the whole URL, or by the path alone, since a relay behind a proxy does not know
/// by which name the world reaches it. Schemes and hosts are compared without case, paths without a slash at their end, as the relay's route does.
package enum DeliveryTarget: Sendable, Equatable {
    case url(String)
    case path(String)

    package func isReached(by subscription: WebhookSubscription) -> Bool {
        switch self {
        case .url(let url): URLShape(subscription.url) == URLShape(url)
        case .path(let path): URLShape(subscription.url).path == URLShape.withoutSlash(path[...])
        }
    }

    private struct URLShape: Equatable {
        let origin: String
        let path: Substring

        init(_ url: String) {
            let address = url.prefix { $0 != "?" && $0 != "#" }
            let afterScheme = address.firstRange(of: "://")?.upperBound ?? address.startIndex
            let slash = address[afterScheme...].firstIndex(of: "/") ?? address.endIndex
            origin = address[..<slash].lowercased()
            path = Self.withoutSlash(address[slash...])
        }

        static func withoutSlash(_ path: Substring) -> Substring { path.hasSuffix("/") ? path.dropLast() : path }
    }
}
