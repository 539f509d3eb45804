import CCurl

/// An exchange while libcurl drives it: what is still to be sent, what has arrived, and the callbacks between.
/// It belongs to curl's thread; it keeps no more of a body than the limit.
final class Transfer {
    let exchange: Exchange
    let handle: EasyHandle
    private let maxBody: Int
    private var headers: UnsafeMutablePointer<curl_slist>?
    private var sent = 0
    private var body: [UInt8] = []
    private var isTooLarge = false

    init(_ exchange: Exchange, handle: EasyHandle, maxBody: Int, tls: TLSClientConfiguration) throws(CurlFault) {
        self.exchange = exchange
        self.handle = handle
        self.maxBody = maxBody
        try handle.reset()
        try prepare(exchange.request)
        try prepareWay(tls)
        try prepareCallbacks()
    }

    deinit {
        curl_slist_free_all(headers)
    }

    private func prepare(_ request: HTTPClientRequest) throws(CurlFault) {
        try handle.set(CURLOPT_URL, request.url.text)
        if request.sendsBody {
            try handle.set(CURLOPT_POST, 1)
            try handle.check(
                relay_curl_set_offset(handle.pointer, CURLOPT_POSTFIELDSIZE_LARGE, curl_off_t(request.body?.count ?? 0))
            )
            // libcurl sends again what a dead kept connection swallowed, whatever the method, unless it would have to go back in a body that
            // cannot: a request that must not be done twice is one of those, and without a body gets a connection that was never used.
            if !request.isRepeatable, request.body?.isEmpty ?? true { try handle.set(CURLOPT_FRESH_CONNECT, 1) }
        } else if request.method == "HEAD" {
            try handle.set(CURLOPT_NOBODY, 1)
        } else {
            try handle.set(CURLOPT_HTTPGET, 1)
        }
        if request.method != "HEAD" { try handle.set(CURLOPT_CUSTOMREQUEST, request.method) }
        for (name, value) in request.headers { try add(value.isEmpty ? "\(name);" : "\(name): \(value)") }
        // A name with nothing behind it takes out what libcurl would add by itself.
        for name in ["accept", "content-type", "expect"] where !request.contains(name) { try add("\(name):") }
        try handle.set(CURLOPT_HTTPHEADER, pointer: headers)
    }

    private func add(_ line: String) throws(CurlFault) {
        guard let longer = curl_slist_append(headers, line) else { throw CurlFault(code: CURLE_OUT_OF_MEMORY) }
        headers = longer
    }

    private func prepareWay(_ tls: TLSClientConfiguration) throws(CurlFault) {
        let left = (exchange.deadline - Exchange.uptime).components
        try handle.set(CURLOPT_TIMEOUT_MS, max(1, Int(left.seconds) * 1000 + Int(left.attoseconds / 1_000_000_000_000_000)))
        // The empty text: none, whatever the environment says; the exceptions have been looked at.
        try handle.set(CURLOPT_PROXY, exchange.proxy?.url ?? "")
        try handle.set(CURLOPT_NOPROXY, "")
        if let file = tls.caFile {
            for option in [CURLOPT_CAINFO, CURLOPT_PROXY_CAINFO] { try handle.set(option, file) }
            // Otherwise the platform's folder of authorities stays trusted beside the file.
            for option in [CURLOPT_CAPATH, CURLOPT_PROXY_CAPATH] { try handle.set(option, nil) }
        }
        guard let certificate = tls.certificateFile else { return }
        try handle.set(CURLOPT_SSLCERT, certificate)
        try handle.set(CURLOPT_SSLKEY, tls.privateKeyFile ?? certificate)
    }

    private func prepareCallbacks() throws(CurlFault) {
        // The loop keeps the transfer for as long as libcurl has the handle.
        let this = Unmanaged.passUnretained(self).toOpaque()
        for option in [CURLOPT_READDATA, CURLOPT_SEEKDATA, CURLOPT_WRITEDATA] { try handle.set(option, pointer: this) }
        try handle.check(
            relay_curl_set_data_callback(handle.pointer, CURLOPT_READFUNCTION) { bytes, size, count, this in
                Transfer.from(this)?.read(into: bytes, atMost: size * count) ?? 0
            }
        )
        try handle.check(
            relay_curl_set_data_callback(handle.pointer, CURLOPT_WRITEFUNCTION) { bytes, size, count, this in
                Transfer.from(this)?.write(bytes, size * count) ?? 0
            }
        )
        try handle.check(
            relay_curl_set_seek_callback(handle.pointer) { this, offset, _ in Transfer.from(this)?.seek(to: Int(offset)) ?? 1 }
        )
    }

    private static func from(_ argument: UnsafeMutableRawPointer?) -> Transfer? {
        argument.map { Unmanaged<Transfer>.fromOpaque($0).takeUnretainedValue() }
    }

    private func read(into space: UnsafeMutablePointer<CChar>?, atMost room: Int) -> Int {
        guard let space, let body = exchange.request.body else { return 0 }
        let count = min(room, body.count - sent)
        guard count > 0 else { return 0 }
        body.withUnsafeBytes { bytes in
            UnsafeMutableRawBufferPointer(start: space, count: count).copyBytes(from: bytes[sent..<(sent + count)])
        }
        sent += count
        return count
    }

    /// 0, or 1 where the body must not be sent again.
    private func seek(to offset: Int) -> Int32 {
        guard exchange.request.isRepeatable, (0...(exchange.request.body?.count ?? 0)).contains(offset) else { return 1 }
        sent = offset
        return 0
    }

    /// How many bytes were taken; fewer than given ends the transfer.
    private func write(_ bytes: UnsafeMutablePointer<CChar>?, _ count: Int) -> Int {
        guard body.count + count <= maxBody else {
            isTooLarge = true
            return 0
        }
        body.append(contentsOf: UnsafeRawBufferPointer(start: bytes, count: count))
        return count
    }

    /// What came of it, once libcurl is done with the handle.
    func outcome(_ code: CURLcode) -> Result<HTTPClientResponse, HTTPClientError> {
        if isTooLarge { return .failure(.responseTooLarge(limit: maxBody)) }
        guard code == CURLE_OK else { return .failure(HTTPClientError(code, of: self)) }
        let status = handle.long(CURLINFO_RESPONSE_CODE)
        // Without a tunnel the proxy's refusal comes as the response; a server has no such status (RFC 9110 15.5.8).
        if status == 407, let proxy = exchange.proxy {
            return .failure(.proxy(.refused(proxy: proxy.shown, variable: proxy.variable, status: status)))
        }
        var headers = ResponseHeaders()
        var field = relay_curl_next_header(handle.pointer, nil)
        while let found = field {
            headers.add(name: String(cString: found.pointee.name), value: String(cString: found.pointee.value))
            field = relay_curl_next_header(handle.pointer, found)
        }
        return .success(HTTPClientResponse(status: status, headers: headers, body: body))
    }
}
