import RelayCore

/// The rules that speak of more than one setting, or of a file that someone else will read.
///
/// A rule is left out when a setting it speaks of already has a fault, so that one mistake is one line.
struct SettingsRules {
    let configuration: RelayConfiguration
    let failed: Set<String>
    let origins: [String: ValueOrigin]
    private(set) var faults: [ConfigurationFault] = []

    init(_ resolution: SettingsResolution) {
        configuration = resolution.configuration
        failed = resolution.failed
        origins = resolution.origins
        checkListeners()
        checkTLS()
        checkSecrets()
        checkSending()
    }

    private mutating func checkListeners() {
        let (http, admin) = (configuration.http, configuration.admin)
        require(
            \.admin.port,
            with: [\.http.host, \.http.port, \.admin.host],
            admin.port == 0 || http.port != admin.port || !Host.overlap(http.host, admin.host),
            found: "\(admin.host):\(admin.port), which \(name(\.http.host)) and \(name(\.http.port)) take already",
            allowed: "another port or address"
        )
    }

    private mutating func checkTLS() {
        let files = configuration.http.tlsFiles
        let paths: [(path: PartialKeyPath<RelayConfiguration>, file: String?)] = [
            (\.http.tlsFiles.certificate, files.certificate), (\.http.tlsFiles.privateKey, files.privateKey),
            (\.http.tlsFiles.clientCA, files.clientCA),
        ]
        for entry in paths {
            guard let file = entry.file else { continue }
            var found: String?
            do throws(BoundedFile.Refusal) {
                try BoundedFile.check(file)
            } catch {
                found = error.found
            }
            require(entry.path, with: [], found == nil, found: found ?? "", allowed: "a readable file")
        }
        let both: [PartialKeyPath<RelayConfiguration>] = [\.http.tlsFiles.certificate, \.http.tlsFiles.privateKey]
        require(
            \.http.tlsFiles.privateKey,
            with: both,
            files.certificate == nil || files.privateKey != nil,
            found: "none",
            allowed: "a path, since \(name(\.http.tlsFiles.certificate)) is set"
        )
        require(
            \.http.tlsFiles.certificate,
            with: both,
            files.certificate != nil || files.privateKey == nil,
            found: "none",
            allowed: "a path, since \(name(\.http.tlsFiles.privateKey)) is set"
        )
        require(
            \.http.tlsFiles.clientCA,
            with: both,
            files.clientCA == nil || files.certificate != nil || files.privateKey != nil,
            found: "a path without TLS",
            allowed: "a path together with \(name(\.http.tlsFiles.certificate)), or none"
        )
    }

    private mutating func checkSecrets() {
        let signature = configuration.signature
        require(
            \.signature.secrets,
            with: [\.signature.required],
            !signature.required || !signature.secrets.isEmpty,
            found: "none",
            allowed: "at least one secret while \(name(\.signature.required)) is true",
            hint: "see \(ConfigurationKey.key(\.signature.secrets)?.fileName ?? "")"
        )
        let admin = configuration.admin
        require(
            \.admin.token,
            with: [\.admin.host],
            admin.token != nil || admin.isLoopback,
            found: "none",
            allowed: "a token while \(name(\.admin.host)) (\(admin.host)) is not loopback"
        )
        let argyle = configuration.argyle
        let pair: [PartialKeyPath<RelayConfiguration>] = [\.argyle.apiKeyID, \.argyle.apiKeySecret]
        require(
            \.argyle.apiKeySecret,
            with: pair,
            argyle.apiKeyID == nil || argyle.apiKeySecret != nil,
            found: "none",
            allowed: "a secret, since \(name(\.argyle.apiKeyID)) is set"
        )
        require(
            \.argyle.apiKeyID,
            with: pair,
            argyle.apiKeyID != nil || argyle.apiKeySecret == nil,
            found: "none",
            allowed: "a key, since \(name(\.argyle.apiKeySecret)) is set"
        )
    }

    private mutating func checkSending() {
        let retry = configuration.outbox.retry
        require(
            \.outbox.retry.maxDelay,
            with: [\.outbox.retry.initialDelay],
            retry.initialDelay <= retry.maxDelay,
            found: DurationUnit.text(retry.maxDelay),
            allowed: "at least \(name(\.outbox.retry.initialDelay)) (\(DurationUnit.text(retry.initialDelay)))"
        )
        let kafka = configuration.kafka
        require(
            \.kafka.deadLetterTopic,
            with: [\.kafka.topic],
            kafka.deadLetterTopic.text != kafka.topic.text,
            found: Quoted.value(kafka.deadLetterTopic.text),
            allowed: "another topic than \(name(\.kafka.topic))"
        )
    }

    private mutating func require(
        _ path: PartialKeyPath<RelayConfiguration>,
        with others: [PartialKeyPath<RelayConfiguration>],
        _ holds: Bool,
        found: @autoclosure () -> String,
        allowed: @autoclosure () -> String,
        hint: @autoclosure () -> String? = nil
    ) {
        guard !holds, !failed.contains(name(path)), !others.contains(where: { failed.contains(name($0)) }) else { return }
        faults.append(
            ConfigurationFault(key: name(path), found: found(), allowed: allowed(), origin: origins[name(path)], hint: hint())
        )
    }
}

private func name(_ path: PartialKeyPath<RelayConfiguration>) -> String { ConfigurationKey.name(path) }
