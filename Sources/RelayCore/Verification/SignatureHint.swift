extension SignatureDiagnosis {
    /// What was different from what the contract asks for.
    package enum Hint: String, Sendable, CaseIterable {
        /// The header carries a name before the digest, such as `sha512=`, `v1=` or `0x`.
        case headerPrefix = "header_prefix"
        /// There is white space around the digest.
        case headerSpace = "header_space"
        /// The digest is in base64 (RFC 4648, section 4 or 5) instead of hexadecimal.
        case base64
        /// HMAC-SHA256 instead of HMAC-SHA512.
        case sha256
        /// The signer's secret is one of ours without the white space around it.
        case secretTrimmed = "secret_trimmed"
        /// The signer's secret is one of ours without the quotation marks around it.
        case secretUnquoted = "secret_unquoted"
        /// The signer's secret is one of ours without the byte order mark before it.
        case secretUnmarked = "secret_unmarked"
        /// The signer's secret is one of ours with white space around it.
        case secretSpaced = "secret_spaced"
        /// The signer's secret is one of ours with quotation marks around it.
        case secretQuoted = "secret_quoted"
        /// The signer's secret is one of ours with a byte order mark before it.
        case secretMarked = "secret_marked"
        /// The body was signed without the newline at its end.
        case newlineRemoved = "newline_removed"
        /// The body was signed with a newline at its end, which it has lost on its way.
        case newlineAdded = "newline_added"
        /// The body was signed without the byte order mark before it.
        case markRemoved = "bom_removed"
        /// The body was signed with a byte order mark before it, which it has lost on its way.
        case markAdded = "bom_added"
        /// The body was signed without white space between its tokens.
        case bodyCompact = "body_compact"
        /// The body was signed with a blank behind each comma and colon, as Python writes JSON.
        case bodySpaced = "body_spaced"
        /// The body was signed indented by two blanks, as Argyle sends it.
        case bodyIndented = "body_indented"
        /// The body was signed with its members sorted by name.
        case bodySorted = "body_sorted"
        /// Nothing that was tried matches: another secret, or a body that was changed in another way.
        case noMatch = "no_match"

        /// One sentence for the log: what it is, and what to do.
        package var meaning: String {
            switch self {
            case .headerPrefix: "the header carries a prefix before the digest: have the sender put the hexadecimal digits there alone"
            case .headerSpace: "the header has white space around the digest: have the sender leave it out"
            case .base64: "the digest is base64, not hexadecimal: have the sender write 128 hexadecimal digits"
            case .sha256: "it is HMAC-SHA256, not HMAC-SHA512: have the sender use SHA-512, as Argyle does"
            case .secretTrimmed: "it matches a configured secret less the white space around it: take that out of the relay's secret"
            case .secretUnquoted: "it matches a configured secret less the quotation marks around it: take them out of the relay's secret"
            case .secretUnmarked: "it matches a configured secret less its byte order mark: save the relay's secret as UTF-8 without one"
            case .secretSpaced: "it matches a configured secret with white space around it: set the subscription's secret anew without that"
            case .secretQuoted:
                "it matches a configured secret with quotation marks around it: set the subscription's secret anew without them"
            case .secretMarked: "it matches a configured secret behind a byte order mark: set the subscription's secret anew without one"
            case .newlineRemoved: "the body was signed without the newline at its end: have what adds it on the way pass bodies unchanged"
            case .newlineAdded: "the body was signed with a newline at its end: have what takes it off on the way pass bodies unchanged"
            case .markRemoved: "the body was signed without its byte order mark: have what adds it on the way pass bodies unchanged"
            case .markAdded: "the body was signed with a byte order mark: have what takes it off on the way pass bodies unchanged"
            case .bodyCompact: "the body was signed as compact JSON: \(Self.writtenAnew)"
            case .bodySpaced: "the body was signed as JSON with blanks: \(Self.writtenAnew)"
            case .bodyIndented: "the body was signed as indented JSON, as Argyle sends it: \(Self.writtenAnew)"
            case .bodySorted: "the body was signed with sorted members: \(Self.writtenAnew)"
            case .noMatch:
                "nothing that was tried matches: compare signature.secrets with the subscription's secret, and look for what changes bodies on the way"
            }
        }

        private static let writtenAnew =
            "have the sender sign the bytes that it sends, or what writes them anew on the way pass them unchanged"
    }
}
