import COpenSSL
import Glibc

extension TLSContext {
    /// When the first certificate of the chain runs out, the server's own or an intermediate, in seconds since 1970; nil without a certificate.
    package var expiry: Int64? {
        var earliest: Int64?
        var place: Int32 = 0
        while let certificate = relay_ssl_ctx_certificate(pointer, place) {
            var time = tm()
            if let end = X509_get0_notAfter(certificate), ASN1_TIME_to_tm(end, &time) == 1 {
                earliest = min(earliest ?? .max, Int64(timegm(&time)))
            }
            place += 1
        }
        return earliest
    }
}
