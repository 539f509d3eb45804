package import RelayCore

/// A webhook subscription as Argyle lists it. What it signs with is read and never written: neither printed nor encoded.
package struct WebhookSubscription: Sendable, Equatable {
    package let id: String
    package let events: [String]
    package let name: String
    package let url: String
    package let config: SubscriptionConfig
    package let signing: SigningSecret
    package let created_at: String?
    /// When Argyle delivered by it last, or tried to; as Argyle writes it.
    package let last_sent_at: String?

    package init(
        id: String,
        events: [String],
        name: String,
        url: String,
        config: SubscriptionConfig = .none,
        signing: SigningSecret = .untold,
        created_at: String? = nil,
        last_sent_at: String? = nil
    ) {
        self.id = id
        self.events = events
        self.name = name
        self.url = url
        self.config = config
        self.signing = signing
        self.created_at = created_at
        self.last_sent_at = last_sent_at
    }

    /// Nil where Argyle has never sent, or tells it in no way that can be read.
    package var lastSent: Timestamp? { last_sent_at.flatMap { Timestamp($0) } }
}

extension WebhookSubscription: Codable {
    private enum Key: String, CodingKey {
        case id, events, name, url, config, secret, created_at, last_sent_at
    }

    package init(from decoder: any Decoder) throws {
        let members = try decoder.container(keyedBy: Key.self)
        id = try members.decode(String.self, forKey: .id)
        events = try members.decode([String].self, forKey: .events)
        name = try members.decode(String.self, forKey: .name)
        url = try members.decode(String.self, forKey: .url)
        config = try members.decodeIfPresent(SubscriptionConfig.self, forKey: .config) ?? .none
        signing = members.contains(.secret) ? SigningSecret(try members.decodeIfPresent(String.self, forKey: .secret) ?? "") : .untold
        created_at = try members.decodeIfPresent(String.self, forKey: .created_at)
        last_sent_at = try members.decodeIfPresent(String.self, forKey: .last_sent_at)
    }

    package func encode(to encoder: any Encoder) throws {
        var members = encoder.container(keyedBy: Key.self)
        try members.encode(id, forKey: .id)
        try members.encode(events, forKey: .events)
        try members.encode(name, forKey: .name)
        try members.encode(url, forKey: .url)
        try members.encode(config, forKey: .config)
        try members.encodeIfPresent(created_at, forKey: .created_at)
        try members.encodeIfPresent(last_sent_at, forKey: .last_sent_at)
    }
}

/// A webhook subscription that is wanted. It prints without its secret.
package struct WantedSubscription: Sendable, CustomStringConvertible, CustomReflectable {
    package let events: [String]
    package let name: String
    package let url: String
    package let config: SubscriptionConfig
    package let secret: String?

    package init(events: [String], name: String, url: String, config: SubscriptionConfig = .none, secret: String?) {
        self.events = events
        self.name = name
        self.url = url
        self.config = config
        self.secret = secret
    }

    /// Same events as a set, same name, URL and config. With what it signs plays no part: that is for ``SubscriptionExamination``.
    package func isMet(by subscription: WebhookSubscription) -> Bool {
        Set(events) == Set(subscription.events) && name == subscription.name && url == subscription.url && config == subscription.config
    }

    package var description: String {
        "\(name) \(url) \(events.joined(separator: ","))\(config.isNone ? "" : " \(config)")"
    }
    package var customMirror: Mirror { Mirror(self, children: ["name": name, "url": url, "events": events, "config": config.description]) }
}
