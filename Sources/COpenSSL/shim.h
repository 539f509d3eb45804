#pragma once
#include <openssl/bio.h>
#include <openssl/crypto.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/pem.h>
#include <openssl/sha.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>
#include <openssl/x509_vfy.h>

// Swift imports no macro with arguments and no macro that casts; each function here is one of those.

/// TLS 1.2 and later, and of TLS 1.2 only suites with forward secrecy and AEAD (RFC 9325 4.2); no renegotiation, no compression, the server's choice
/// of cipher; idle connections give their buffers back. No session is ever resumed, neither from memory, which would grow with strangers'
/// handshakes, nor by ticket, whose key would have to be rotated to keep TLS 1.2's secrecy: a resumed session would outlive the certificates that it
/// was opened with, while each new connection verifies the ones in force, and is kept.
static inline int relay_ssl_ctx_harden(SSL_CTX *context) {
    SSL_CTX_set_options(context, SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_COMPRESSION | SSL_OP_CIPHER_SERVER_PREFERENCE | SSL_OP_NO_TICKET);
    SSL_CTX_set_mode(context, SSL_MODE_RELEASE_BUFFERS | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
    SSL_CTX_set_session_cache_mode(context, SSL_SESS_CACHE_OFF);
    return SSL_CTX_set_min_proto_version(context, TLS1_2_VERSION) && SSL_CTX_set_num_tickets(context, 0)
        && SSL_CTX_set_cipher_list(context, "ECDHE+AESGCM:ECDHE+CHACHA20:!aNULL");
}

/// The certificate at a place of the chain that is sent, the server's own at 0; NULL past its end. It belongs to the context.
static inline X509 *relay_ssl_ctx_certificate(SSL_CTX *context, int place) {
    STACK_OF(X509) *others = NULL;
    if (place == 0) return SSL_CTX_get0_certificate(context);
    SSL_CTX_get0_chain_certs(context, &others);
    return place > 0 && others && place <= sk_X509_num(others) ? sk_X509_value(others, place - 1) : NULL;
}

/// Bytes that a memory BIO has allocated, used or not: it never gives any back.
static inline long relay_bio_memory(BIO *bio) {
    BUF_MEM *memory = NULL;
    BIO_get_mem_ptr(bio, &memory);
    return memory ? (long)memory->max : 0;
}

static inline int relay_ssl_refuse_passphrase(char *buffer, int size, int writing, void *asked) {
    (void)buffer; (void)size; (void)writing;
    if (asked) *(int *)asked = 1;
    return -1;
}

/// Without this OpenSSL would ask for an encrypted key's passphrase on the terminal; `asked` must live until it is cleared with NULL.
static inline void relay_ssl_ctx_refuse_passphrase(SSL_CTX *context, int *asked) {
    SSL_CTX_set_default_passwd_cb(context, relay_ssl_refuse_passphrase);
    SSL_CTX_set_default_passwd_cb_userdata(context, asked);
}

static inline int relay_ssl_select_http11(SSL *ssl, const unsigned char **out, unsigned char *length,
                                          const unsigned char *offered, unsigned int offered_length, void *unused) {
    static const unsigned char ours[] = "\x08http/1.1";
    (void)ssl; (void)unused;
    int found = SSL_select_next_proto((unsigned char **)out, length, ours, sizeof(ours) - 1, offered, offered_length);
    return found == OPENSSL_NPN_NEGOTIATED ? SSL_TLSEXT_ERR_OK : SSL_TLSEXT_ERR_ALERT_FATAL;
}

/// ALPN (RFC 7301): HTTP/1.1 or nothing; a client that offers only others is refused as the RFC asks.
static inline void relay_ssl_ctx_select_http11(SSL_CTX *context) {
    SSL_CTX_set_alpn_select_cb(context, relay_ssl_select_http11, NULL);
}

/// How many authorities a list names; 0 for NULL.
static inline int relay_ssl_name_count(STACK_OF(X509_NAME) *names) {
    return names ? sk_X509_NAME_num(names) : 0;
}
