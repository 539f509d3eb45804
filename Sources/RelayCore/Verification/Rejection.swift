/// Why a delivery was not taken, in the sender's words; closed, so that body, log and metric use the same code.
///
/// The first group is the sender's fault and for good (4xx, 501 and 505), the second asks it to try again (503).
package enum Rejection: Error, Equatable, Sendable, CaseIterable {
    case signatureMissing
    case signatureMalformed
    case signatureMismatch
    case addressNotAllowed
    case notFound
    case methodNotAllowed
    case malformedRequest
    case headersTooLarge
    case requestTimeout
    case bodyTooLarge
    case transferEncodingUnsupported
    case versionUnsupported

    case outboxFull
    case diskLow
    case storeFailed
    case storeSlow
    case stopping

    /// Stable: senders, dashboards and alerts may rely on it.
    package var code: String {
        switch self {
        case .signatureMissing: "signature_missing"
        case .signatureMalformed: "signature_malformed"
        case .signatureMismatch: "signature_mismatch"
        case .addressNotAllowed: "address_not_allowed"
        case .notFound: "not_found"
        case .methodNotAllowed: "method_not_allowed"
        case .malformedRequest: "malformed_request"
        case .headersTooLarge: "headers_too_large"
        case .requestTimeout: "request_timeout"
        case .bodyTooLarge: "body_too_large"
        case .transferEncodingUnsupported: "transfer_encoding_unsupported"
        case .versionUnsupported: "http_version_unsupported"
        case .outboxFull: "outbox_full"
        case .diskLow: "disk_low"
        case .storeFailed: "store_failed"
        case .storeSlow: "store_slow"
        case .stopping: "stopping"
        }
    }

    /// One sentence for people; says nothing of the body, the secret or the store's inside.
    package var title: String {
        switch self {
        case .signatureMissing: "The header \(signatureHeader) is missing."
        case .signatureMalformed: "\(signatureHeader) must be 128 hexadecimal digits: HMAC-SHA512 over the raw body."
        case .signatureMismatch: "No configured secret signed this body."
        case .addressNotAllowed: "This address may not deliver here."
        case .notFound: "There is nothing at this path."
        case .methodNotAllowed: "Deliveries are sent with POST."
        case .malformedRequest: "This is not a well-formed HTTP request."
        case .headersTooLarge: "The request's headers are too large."
        case .requestTimeout: "The request did not arrive in time."
        case .bodyTooLarge: "The body is larger than this relay takes."
        case .transferEncodingUnsupported: "The only transfer coding here is chunked."
        case .versionUnsupported: "This relay speaks HTTP/1.1."
        case .outboxFull: "Too many events are waiting for Kafka; try again later."
        case .diskLow: "Disk space is low; try again later."
        case .storeFailed: "The event could not be stored; try again later."
        case .storeSlow: "The event was not stored in time; try again later."
        case .stopping: "The relay is stopping; try again later."
        }
    }
}
