import CCurl

/// libcurl's handle of one transfer at a time, kept for the next, and the text of its last error.
/// It belongs to the thread that drives it.
final class EasyHandle {
    let pointer: UnsafeMutableRawPointer
    private let errorText = UnsafeMutableBufferPointer<CChar>.allocate(capacity: Int(CURL_ERROR_SIZE))

    init?() {
        guard let pointer = curl_easy_init() else {
            errorText.deallocate()
            return nil
        }
        self.pointer = pointer
    }

    deinit {
        curl_easy_cleanup(pointer)
        errorText.deallocate()
    }

    /// Forgets the last transfer; connections, names and sessions are the multi handle's and stay.
    func reset() throws(CurlFault) {
        curl_easy_reset(pointer)
        errorText.initialize(repeating: 0)
        try check(relay_curl_harden(pointer))
        try set(CURLOPT_ERRORBUFFER, pointer: errorText.baseAddress)
    }

    func set(_ option: CURLoption, _ text: String?) throws(CurlFault) { try check(relay_curl_set_text(pointer, option, text)) }

    func set(_ option: CURLoption, _ value: Int) throws(CurlFault) { try check(relay_curl_set_long(pointer, option, value)) }

    /// What libcurl keeps the address of.
    func set(_ option: CURLoption, pointer value: UnsafeMutableRawPointer?) throws(CurlFault) {
        try check(relay_curl_set_pointer(pointer, option, value))
    }

    func long(_ info: CURLINFO) -> Int { relay_curl_get_long(pointer, info) }

    /// Whether a moment of the transfer has come.
    func hasCome(_ moment: CURLINFO) -> Bool { relay_curl_get_time(pointer, moment) > 0 }

    /// What libcurl says of its last error; of OpenSSL's the reason alone.
    var reason: String {
        let text = errorText.baseAddress.map { String(cString: $0) } ?? ""
        return String((text.ranges(of: "::").last.map { text[$0.upperBound...] } ?? text[...]).prefix(200))
    }

    func check(_ code: CURLcode) throws(CurlFault) {
        guard code != CURLE_OK else { return }
        throw CurlFault(code: code)
    }
}

/// A setting that libcurl does not take.
struct CurlFault: Error {
    let code: CURLcode

    var text: String { String(cString: curl_easy_strerror(code)) }
}
