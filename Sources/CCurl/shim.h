#pragma once
#include <curl/curl.h>

// libcurl's setters and getters take variable arguments, which Swift cannot pass, and its flags are macros of several types.

static inline CURLcode relay_curl_set_long(CURL *handle, CURLoption option, long value) {
    return curl_easy_setopt(handle, option, value);
}

static inline CURLcode relay_curl_set_offset(CURL *handle, CURLoption option, curl_off_t value) {
    return curl_easy_setopt(handle, option, value);
}

/// libcurl keeps a copy of the text.
static inline CURLcode relay_curl_set_text(CURL *handle, CURLoption option, const char *text) {
    return curl_easy_setopt(handle, option, text);
}

/// For what libcurl keeps the address of: an error buffer, a list of headers, a callback's argument.
static inline CURLcode relay_curl_set_pointer(CURL *handle, CURLoption option, void *pointer) {
    return curl_easy_setopt(handle, option, pointer);
}

typedef size_t (*relay_curl_data_callback)(char *bytes, size_t size, size_t count, void *argument);

static inline CURLcode relay_curl_set_data_callback(CURL *handle, CURLoption option, relay_curl_data_callback callback) {
    return curl_easy_setopt(handle, option, callback);
}

static inline CURLcode relay_curl_set_seek_callback(CURL *handle, curl_seek_callback callback) {
    return curl_easy_setopt(handle, CURLOPT_SEEKFUNCTION, callback);
}

static inline CURLMcode relay_curl_multi_set_long(CURLM *handle, CURLMoption option, long value) {
    return curl_multi_setopt(handle, option, value);
}

static inline long relay_curl_get_long(CURL *handle, CURLINFO info) {
    long value = 0;
    return curl_easy_getinfo(handle, info, &value) == CURLE_OK ? value : 0;
}

/// A time in microseconds since the transfer's start; 0 for what has not come to pass.
static inline curl_off_t relay_curl_get_time(CURL *handle, CURLINFO info) {
    curl_off_t value = 0;
    return curl_easy_getinfo(handle, info, &value) == CURLE_OK ? value : 0;
}

static inline CURLcode relay_curl_start_library(void) { return curl_global_init(CURL_GLOBAL_DEFAULT); }

/// What holds for every request: http and https alone, no redirect, no netrc, no signal, no wait for "100 Continue", TLS 1.2 and later,
/// HTTP/2 where TLS negotiates it, small writes sent at once, credentials for the peer that they are for, paths as they are written.
/// 0, or the first error.
static inline CURLcode relay_curl_harden(CURL *handle) {
    CURLcode code = CURLE_OK;
#define RELAY_SET(option, value) if (code == CURLE_OK) code = curl_easy_setopt(handle, option, value)
    RELAY_SET(CURLOPT_PROTOCOLS_STR, "http,https");
    RELAY_SET(CURLOPT_FOLLOWLOCATION, 0L);
    RELAY_SET(CURLOPT_NETRC, (long)CURL_NETRC_IGNORED);
    RELAY_SET(CURLOPT_NOSIGNAL, 1L);
    RELAY_SET(CURLOPT_NOPROGRESS, 1L);
    RELAY_SET(CURLOPT_TCP_NODELAY, 1L);
    RELAY_SET(CURLOPT_TCP_KEEPALIVE, 1L);
    RELAY_SET(CURLOPT_HTTP_VERSION, (long)CURL_HTTP_VERSION_2TLS);
    RELAY_SET(CURLOPT_HTTP09_ALLOWED, 0L);
    RELAY_SET(CURLOPT_PATH_AS_IS, 1L);
    RELAY_SET(CURLOPT_HEADEROPT, (long)CURLHEADER_SEPARATE);
    RELAY_SET(CURLOPT_SUPPRESS_CONNECT_HEADERS, 1L);
    RELAY_SET(CURLOPT_PROXYAUTH, (long)CURLAUTH_BASIC);
    RELAY_SET(CURLOPT_SSLVERSION, (long)CURL_SSLVERSION_TLSv1_2);
    RELAY_SET(CURLOPT_PROXY_SSLVERSION, (long)CURL_SSLVERSION_TLSv1_2);
    // A name server that does not answer must not hold up the thread when its transfer is given up.
    RELAY_SET(CURLOPT_QUICK_EXIT, 1L);
#undef RELAY_SET
    return code;
}

/// NULL unless the text is a URL that libcurl understands; to be freed by curl_url_cleanup. A proxy's may lack a scheme.
static inline CURLU *relay_curl_parse_url(const char *text, int is_proxy) {
    CURLU *url = curl_url();
    unsigned int flags = CURLU_PATH_AS_IS | (is_proxy ? CURLU_GUESS_SCHEME | CURLU_NON_SUPPORT_SCHEME : 0);
    if (url && curl_url_set(url, CURLUPART_URL, text, flags) != CURLUE_OK) {
        curl_url_cleanup(url);
        return NULL;
    }
    return url;
}

/// NULL where there is no such part; to be freed by curl_free. A port that is not written is the scheme's own, if `fills_port`.
static inline char *relay_curl_url_part(CURLU *url, CURLUPart part, int fills_port) {
    char *text = NULL;
    return curl_url_get(url, part, &text, fills_port ? CURLU_DEFAULT_PORT : 0) == CURLUE_OK ? text : NULL;
}

/// The next header of the final response, in order of arrival; NULL at the end. Trailers, interim responses and a proxy's are left out.
static inline struct curl_header *relay_curl_next_header(CURL *handle, struct curl_header *previous) {
    return curl_easy_nextheader(handle, CURLH_HEADER, -1, previous);
}
