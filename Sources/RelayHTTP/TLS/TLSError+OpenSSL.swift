import COpenSSL

extension TLSError {
    /// The oldest reason in this thread's error queue, which is the cause; empties the queue.
    static func takeReason() -> String {
        let code = ERR_get_error()
        ERR_clear_error()
        guard code != 0 else { return "no reason given" }
        // A system error's reason is an errno, for which OpenSSL keeps no text.
        if let text = ERR_reason_error_string(code) { return String(cString: text) }
        return "error \(ERR_GET_REASON(code)) in library \(ERR_GET_LIB(code))"
    }

    /// Whether a PEM file held nothing of the kind asked for, judged by OpenSSL's reason.
    static func isAbsence(_ reason: String) -> Bool {
        // A key goes through OpenSSL 3's decoders, which call everything they do not recognise "unsupported".
        reason == "no start line" || reason == "unsupported"
    }

    /// Why a handshake or a record failed; a refused certificate is told apart, for it is the operator's to mend.
    static func failure(of ssl: OpaquePointer) -> TLSError {
        let reason = takeReason()
        let verdict = SSL_get_verify_result(ssl)
        if verdict != Int(X509_V_OK), let text = X509_verify_cert_error_string(verdict) {
            return .verificationFailed(reason: String(cString: text))
        }
        return .handshakeFailed(reason: reason)
    }
}
