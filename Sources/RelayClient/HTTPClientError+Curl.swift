import CCurl
import Glibc

extension HTTPClientError {
    /// Words how libcurl ended a transfer.
    init(_ code: CURLcode, of transfer: Transfer) {
        let (handle, exchange) = (transfer.handle, transfer.exchange)
        let origin = exchange.request.url.origin
        switch code {
        case CURLE_COULDNT_RESOLVE_HOST: self = .cannotResolve(host: origin.host)
        case CURLE_COULDNT_RESOLVE_PROXY: self = Self.unreachable(exchange, reason: "its name does not resolve to an address")
        case CURLE_COULDNT_CONNECT, CURLE_INTERFACE_FAILED: self = Self.unconnected(handle, exchange)
        case CURLE_PROXY: self = Self.unreachable(exchange, reason: handle.reason)
        case CURLE_OPERATION_TIMEDOUT: self = .timeout(exchange.timeout, Phase(reachedBy: handle, isSecure: origin.isSecure))
        case CURLE_PEER_FAILED_VERIFICATION: self = .tls(Self.verdict(handle, exchange))
        case CURLE_SSL_CONNECT_ERROR, CURLE_SSL_CIPHER, CURLE_SSL_ENGINE_NOTFOUND, CURLE_SSL_INVALIDCERTSTATUS, CURLE_SSL_ISSUER_ERROR:
            self = Self.tunnelFault(handle, exchange) ?? .tls(.handshakeFailed(host: origin.host, reason: handle.reason))
        case CURLE_SSL_CACERT_BADFILE: self = .tls(.unusable(file: "the file of trusted CAs", reason: handle.reason))
        case CURLE_SSL_CERTPROBLEM: self = .tls(.unusable(file: "the client's certificate or key", reason: handle.reason))
        case CURLE_GOT_NOTHING, CURLE_RECV_ERROR, CURLE_SEND_ERROR, CURLE_PARTIAL_FILE, CURLE_SEND_FAIL_REWIND, CURLE_HTTP2,
            CURLE_HTTP2_STREAM:
            self = Self.tunnelFault(handle, exchange) ?? Self.alert(handle, origin.host) ?? .connectionClosed
        case CURLE_OUT_OF_MEMORY: self = .noResources(reason: "out of memory")
        default: self = .malformedResponse(reason: handle.reason.isEmpty ? CurlFault(code: code).text : handle.reason)
        }
    }

    private static func unconnected(_ handle: EasyHandle, _ exchange: Exchange) -> HTTPClientError {
        let number = Int32(truncatingIfNeeded: handle.long(CURLINFO_OS_ERRNO))
        let reason = number == 0 ? handle.reason : String(cString: strerror(number))
        if exchange.proxy != nil { return tunnelFault(handle, exchange) ?? unreachable(exchange, reason: reason) }
        let origin = exchange.request.url.origin
        return number == ECONNREFUSED
            ? .connectionRefused(host: origin.host, port: origin.port)
            : .connectFailed(host: origin.host, port: origin.port, reason: reason)
    }

    private static func unreachable(_ exchange: Exchange, reason: String) -> HTTPClientError {
        let proxy = exchange.proxy
        return .proxy(.unreachable(proxy: proxy?.shown ?? "", variable: proxy?.variable ?? "", reason: reason))
    }

    /// What a proxy answered instead of making the tunnel.
    private static func tunnelFault(_ handle: EasyHandle, _ exchange: Exchange) -> HTTPClientError? {
        let status = handle.long(CURLINFO_HTTP_CONNECTCODE)
        guard let proxy = exchange.proxy, status != 0, !(200..<300).contains(status) else { return nil }
        return .proxy(.refused(proxy: proxy.shown, variable: proxy.variable, status: status))
    }

    /// With TLS 1.3 a server refuses a client's certificate, or the lack of one, only after the handshake (RFC 8446 6.2).
    private static func alert(_ handle: EasyHandle, _ host: String) -> HTTPClientError? {
        handle.reason.contains(" alert ") ? .tls(.handshakeFailed(host: host, reason: handle.reason)) : nil
    }

    private static func verdict(_ handle: EasyHandle, _ exchange: Exchange) -> TLSFault {
        // The way to an https proxy is verified before the way through it.
        if let proxy = exchange.proxy, let fault = TLSFault(verdict: handle.long(CURLINFO_PROXY_SSL_VERIFYRESULT), host: proxy.shown) {
            return fault
        }
        let host = exchange.request.url.origin.host
        if let fault = TLSFault(verdict: handle.long(CURLINFO_SSL_VERIFYRESULT), host: host) { return fault }
        // libcurl compares names itself, before or after OpenSSL has looked at the chain.
        return handle.reason.contains("name") ? .wrongName(host: host) : .untrusted(host: host, reason: handle.reason)
    }
}

extension HTTPClientError.Phase {
    /// By the last moment that has come.
    fileprivate init(reachedBy handle: EasyHandle, isSecure: Bool) {
        if handle.hasCome(CURLINFO_STARTTRANSFER_TIME_T) {
            self = .receiving
        } else if handle.hasCome(CURLINFO_PRETRANSFER_TIME_T) {
            self = .responding
        } else if handle.hasCome(CURLINFO_CONNECT_TIME_T) {
            self = isSecure ? .handshaking : .responding
        } else {
            self = handle.hasCome(CURLINFO_NAMELOOKUP_TIME_T) ? .connecting : .resolving
        }
    }
}
