import RelayTestSupport
import Testing

/// The built program on the way to Argyle's API: through a company's proxy, over TLS with a private CA, and what it says when that fails.
@Suite("The way to Argyle's API", .timeLimit(.minutes(2)))
struct ReachingArgyleTests {
    let certificates: Certificates

    init() async throws { certificates = try await Certificates() }

    private func list(_ url: String, _ environment: [String: String] = [:]) async throws -> ToolRun {
        let ours = [
            "RELAY_ARGYLE_API_URL": url, "RELAY_ARGYLE_API_KEY_ID": "key-id", "RELAY_ARGYLE_API_KEY_SECRET": "key-secret",
            "RELAY_SIGNATURE_SECRETS": "[webhook-secret]", "https_proxy": "", "no_proxy": "", "NO_PROXY": "", "CURL_CA_BUNDLE": "",
            "SSL_CERT_FILE": certificates.path("ca.pem"),
        ]
        let run = try await ToolRun(arguments: ["subscription", "list"], environment: ours.merging(environment) { $1 })
        for secret in ["key-secret", "webhook-secret", "proxy-secret"] { #expect(!(run.output + run.errors).contains(secret)) }
        return run
    }

    /// One sentence, on one line.
    private func expect(_ run: ToolRun, says sentence: String, code: Int32, at location: SourceLocation = #_sourceLocation) {
        #expect(run.errors == "argyle-relay: \(sentence)\n", sourceLocation: location)
        #expect(run.code == code && run.output.isEmpty, sourceLocation: location)
    }

    @Test("subscription list goes through an authenticating proxy, and through TLS with a private CA")
    func proxied() async throws {
        try await withSecureArgyle(certificates, "argyle") { argyle, port in
            argyle.stored = [.init(id: "id-1", events: ["users.fully_synced"], name: "relay", url: "https://relay.example.com/")]
            let proxy = try await TunnelProxy(to: port, credentials: "Basic dXNlcjpwcm94eS1zZWNyZXQ=")
            let run = try await list("https://argyle.test", ["HTTPS_PROXY": "http://user:proxy-secret@127.0.0.1:\(proxy.port)"])
            #expect(run.code == 0 && run.output == "id-1  relay  https://relay.example.com/  users.fully_synced\n", "\(run)")
            #expect(proxy.requests == ["argyle.test:443 200"])

            let refused = try await list("https://argyle.test", ["HTTPS_PROXY": "http://user:other@127.0.0.1:\(proxy.port)"])
            expect(
                refused,
                says:
                    "Argyle's API cannot be reached: the proxy 127.0.0.1:\(proxy.port) does not take these credentials (407): check user and "
                    + "password in HTTPS_PROXY, as http://user:password@host:port",
                code: 1
            )
            try await proxy.close()
        }
    }

    @Test("a proxy that is away is told by its address and the variable that names it, and the same again later may work")
    func away() async throws {
        let proxy = try await TunnelProxy(to: 1)
        try await proxy.close()
        let run = try await list("https://argyle.test", ["HTTPS_PROXY": "http://user:proxy-secret@127.0.0.1:\(proxy.port)"])
        expect(
            run,
            says:
                "Argyle's API is not available: the proxy 127.0.0.1:\(proxy.port), which HTTPS_PROXY names, cannot be reached: Connection "
                + "refused; tried 6 times",
            code: 75
        )
    }

    @Test("a certificate of a stranger, one that has expired and one for another name are told apart")
    func certificates() async throws {
        for (name, sentence) in [
            (
                "own",
                "nobody whom this machine trusts has signed the certificate of localhost (it is self-signed): if it is the right one, name its "
                    + "CA's PEM file in SSL_CERT_FILE"
            ),
            ("expired", "the certificate of localhost has expired: have it renewed, or set this machine's clock"),
            ("other", "the certificate that localhost shows is for another name: check the address, and who answers there"),
        ] {
            try await withSecureArgyle(certificates, name) { argyle, port in
                let run = try await list("https://localhost:\(port)")
                expect(run, says: "Argyle's API cannot be reached: \(sentence)", code: 1)
                #expect(argyle.requests == [])
            }
        }
        let unread = try await list("https://localhost:1", ["SSL_CERT_FILE": "/none"])
        expect(
            unread,
            says: "Argyle's API cannot be reached: /none cannot be read: SSL_CERT_FILE names it; No such file or directory; check the path "
                + "and that this user may read it",
            code: 1
        )
    }

    @Test("a key that is not known and a pause that is asked for are told as such")
    func answers() async throws {
        try await withSecureArgyle(certificates, "argyle") { argyle, port in
            let url = "https://localhost:\(port)"
            let unknown = try await list(url, ["RELAY_ARGYLE_API_KEY_ID": "other"])
            expect(
                unknown,
                says: "Argyle refuses the API key (401): Incorrect authentication credentials.; check argyle.api_key_id, "
                    + "argyle.api_key_secret and argyle.api_url (sandbox keys work at https://api-sandbox.argyle.com only)",
                code: 1
            )
            argyle.fail(.answer(status: 429, headers: [("retry-after", "4000")]))
            expect(try await list(url), says: "Argyle's API asks to wait for 4000 s", code: 75)
        }
    }
}
