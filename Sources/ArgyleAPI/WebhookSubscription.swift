/// A webhook subscription as Argyle lists it; its secret is never shown.
package struct WebhookSubscription: Codable, Sendable, Equatable {
    package let id: String
    package let events: [String]
    package let name: String
    package let url: String
    package let created_at: String?

    package init(id: String, events: [String], name: String, url: String, created_at: String? = nil) {
        self.id = id
        self.events = events
        self.name = name
        self.url = url
        self.created_at = created_at
    }
}

/// A webhook subscription that is wanted. It prints without its secret.
package struct WantedSubscription: Sendable, CustomStringConvertible, CustomReflectable {
    package let events: [String]
    package let name: String
    package let url: String
    package let secret: String?

    package init(events: [String], name: String, url: String, secret: String?) {
        self.events = events
        self.name = name
        self.url = url
        self.secret = secret
    }

    /// Same events as a set, same name, same URL. Argyle does not show secrets, so those cannot be compared.
    package func isMet(by subscription: WebhookSubscription) -> Bool {
        Set(events) == Set(subscription.events) && name == subscription.name && url == subscription.url
    }

    package var description: String { "\(name) \(url) \(events.joined(separator: ","))" }
    package var customMirror: Mirror { Mirror(self, children: ["name": name, "url": url, "events": events]) }
}
