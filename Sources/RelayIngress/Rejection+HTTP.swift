import RelayCore
import RelayHTTP

/// The one place where a rejection becomes a status.
extension Rejection {
    /// RFC 9110, section 15.
    var status: Int {
        switch self {
        case .malformedRequest: 400
        case .signatureMissing, .signatureMalformed, .signatureMismatch: 401
        case .addressNotAllowed: 403
        case .notFound: 404
        case .methodNotAllowed: 405
        case .requestTimeout: 408
        case .bodyTooLarge: 413
        case .headersTooLarge: 431
        case .transferEncodingUnsupported: 501
        case .versionUnsupported: 505
        case .outboxFull, .diskLow, .storeFailed, .storeSlow, .stopping: 503
        }
    }

    /// Whether the sender should try again. 501 and 505 are for good, as every 4xx is.
    var isTemporary: Bool { status == 503 }
}

extension HTTPServerResponse {
    /// A problem as of RFC 9457.
    /// - Parameter retryAfter: seconds.
    init(_ rejection: Rejection, retryAfter: Int?) {
        var json = JSONWriter(reserving: 192)
        json.raw(#"{"title":"#)
        json.string(rejection.title)
        json.raw(#","status":"#)
        json.number(Int64(rejection.status))
        json.raw(#","code":"#)
        json.string(rejection.code)
        json.raw("}\n")
        var headers = [("content-type", "application/problem+json")]
        if let retryAfter { headers.append(("retry-after", String(retryAfter))) }
        if rejection == .methodNotAllowed { headers.append(("allow", "POST")) }
        // RFC 9110, section 11.6.1: a 401 names what would be accepted.
        if rejection.status == 401 { headers.append(("www-authenticate", "Signature header=\"\(signatureHeader)\"")) }
        self.init(status: rejection.status, headers: headers, body: json.bytes)
    }
}
