import ArgyleAPI
import RelayAdmin
import RelayClient
import RelayConfiguration

/// Whether Argyle's subscriptions deliver what the relay takes, asked before anything is refused. It compares secrets and shows none.
///
/// The relay's own are those to `--url` or, without that option, to whatever host with the path of `http.path`: behind a proxy a relay does not know
/// its name. By the path alone one with an unknown secret may be another relay's; it is a failure only where none signs with a known one.
struct SubscriptionCheck {
    private static let name = "argyle.subscription"

    let configuration: RelayConfiguration
    /// As Argyle's console has it; nil goes by the path.
    let url: String?

    /// Nothing without API keys.
    func findings() async -> [Finding] {
        do {
            // An API that is down is told in seconds, not in minutes.
            guard let (http, client) = try ArgyleClient.of(configuration, retry: RetryPolicy(attempts: 2, longestPause: .seconds(5))) else {
                return []
            }
            let listed: Result<[WebhookSubscription], ArgyleError>
            do throws(ArgyleError) { listed = .success(try await client.subscriptions()) } catch { listed = .failure(error) }
            await http.shutdown()
            return findings(try listed.get())
        } catch {
            return [.warning(Self.name, "\(error)", "the relay itself does not need the API; `subscription` and `reconcile` do")]
        }
    }

    /// What a running relay has found out about losses.
    /// - Parameter relay: what runs on the outbox, as it tells of itself.
    static func losses(_ relay: StatusReport?) -> [Finding] {
        guard let argyle = relay?.argyle else { return [] }
        if argyle.missing { return [.warning("argyle.last_sent", argyle.told, "argyle-relay reconcile finds what is missing")] }
        guard let lag = argyle.lagSeconds else { return [] }
        return [.ok("argyle.last_sent", "what Argyle sent last has arrived\(lag > 0 ? ", or is \(lag) s late" : "")")]
    }

    func findings(_ subscriptions: [WebhookSubscription]) -> [Finding] {
        let target = url.map(DeliveryTarget.url) ?? .path(configuration.http.path)
        let own = subscriptions.filter(target.isReached)
        let place = url ?? "any host with the path \(configuration.http.path)"
        guard !own.isEmpty else {
            return [
                .warning(
                    Self.name,
                    "none of the \(subscriptions.count) subscriptions of this API key delivers to \(place)",
                    "argyle-relay subscription ensure --url …; where a proxy rewrites the path, name the address with doctor --url"
                )
            ]
        }
        let faults = SubscriptionFaults(configuration)
        let isSure = url != nil || own.allSatisfy(faults.refuses)
        return own.map { finding($0, faults.of($0), isSure: isSure) }
    }

    private func finding(
        _ subscription: WebhookSubscription,
        _ faults: [(fault: SubscriptionExamination.Fault, text: String)],
        isSure: Bool
    ) -> Finding {
        let shown = "\(subscription.id) (\(subscription.name)) "
        guard !faults.isEmpty else {
            let sent = subscription.last_sent_at.map { ", delivered last at \($0)" } ?? ""
            return .ok(Self.name, shown + "signs as the relay expects and asks for events that it accepts\(sent)")
        }
        let text = shown + faults.map(\.text).joined(separator: "; and ")
        guard faults.contains(where: { $0.fault != .nothingAccepted }) else {
            return .warning(Self.name, text, "add them to events.accept, or remove the subscription")
        }
        let advice = "add its secret to signature.secrets, or give it the relay's with argyle-relay subscription rotate"
        return isSure
            ? .failed(Self.name, text, advice)
            : .warning(Self.name, text, advice + "; if it is another relay's, name yours with doctor --url")
    }
}
