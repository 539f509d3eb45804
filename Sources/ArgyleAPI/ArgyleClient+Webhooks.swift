import FoundationEssentials
import RelayClient

/// `/v2/webhooks`, as its OpenAPI document has it.
extension ArgyleClient {
    static let webhooks = "/v2/webhooks"

    /// Every subscription of this key.
    package func subscriptions() async throws(ArgyleError) -> [WebhookSubscription] {
        try await all(WebhookSubscription.self, at: Self.webhooks + "?limit=100")
    }

    /// Makes a subscription. After a failure that leaves open whether Argyle has made it, looks for it before it tries again: two
    /// subscriptions would deliver everything twice.
    /// - Parameter known: ids that were there before.
    package func create(_ wanted: WantedSubscription, known: Set<String>) async throws(ArgyleError) -> WebhookSubscription {
        let body: [UInt8]
        do { body = Array(try JSONEncoder().encode(Creation(wanted))) } catch {
            throw .unexpected("the subscription cannot be written as JSON")
        }
        let url = try url(Self.webhooks)
        let secrets = wanted.secret.map { [$0] } ?? []
        var failures = 0
        while true {
            let ambiguous: Ambiguous
            switch await post(body, to: url, hiding: secrets) {
            case .success(let response):
                if let made = try? decode(response, from: Self.webhooks) as WebhookSubscription { return made }
                // The document's own example of this answer is a delivery, without the subscription's id: the listing tells it.
                if let made = try await made(wanted, known: known) { return made }
                throw .unexpected("Argyle took the subscription, but does not list it")
            case .failure(.argyle(let error)): throw error
            case .failure(.ambiguous(let doubt)): ambiguous = doubt
            }
            if let made = try await made(wanted, known: known) { return made }
            failures += 1
            guard case .wait(let pause) = retry.decide(failures: failures, retryAfter: nil, random: random()),
                (try? await clock.sleep(for: pause)) != nil
            else { throw .unavailable(status: ambiguous.status, message: ambiguous.message, attempts: failures) }
        }
    }

    private func made(_ wanted: WantedSubscription, known: Set<String>) async throws(ArgyleError) -> WebhookSubscription? {
        try await subscriptions().first { !known.contains($0.id) && wanted.isMet(by: $0) }
    }

    private func post(_ body: [UInt8], to url: HTTPURL, hiding secrets: [String]) async -> Result<HTTPClientResponse, Failure> {
        do throws(Failure) {
            return .success(try await send("POST", url, body: body, hiding: secrets, repeating: .untouched))
        } catch {
            return .failure(error)
        }
    }

    /// Removes a subscription; one that an earlier try has removed counts as removed.
    package func delete(_ id: String) async throws(ArgyleError) {
        guard !id.isEmpty,
            id.utf8.allSatisfy({ (0x30...0x39).contains($0) || (0x41...0x5A).contains($0 & 0xDF) || $0 == 0x2D || $0 == 0x5F })
        else { throw .unexpected("a subscription's id that is none") }
        let url = try url("\(Self.webhooks)/\(id)")
        do throws(Failure) {
            _ = try await send("DELETE", url, repeating: .untouched)
        } catch {
            guard case .ambiguous = error else { throw error.definite }
            do throws(Failure) { _ = try await send("DELETE", url, repeating: .always) } catch {
                if case .argyle(.refused(status: 404, _)) = error { return }
                throw error.definite
            }
        }
    }

    /// The document's `WebhookSubscriptionRequest`.
    private struct Creation: Encodable {
        let events: [String]
        let name: String
        let url: String
        /// Left out where nothing is asked for, so that Argyle's own defaults hold.
        let config: SubscriptionConfig?
        let secret: String?

        init(_ wanted: WantedSubscription) {
            events = wanted.events
            name = wanted.name
            url = wanted.url
            config = wanted.config.isNone ? nil : wanted.config
            secret = wanted.secret
        }
    }
}
