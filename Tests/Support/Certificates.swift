import Foundation

/// Throw-away certificates, made by the openssl command line: `ca`, and signed by it `server` (127.0.0.1), `client`,
/// `argyle` (argyle.test, localhost), `other` (other.test) and `expired` (as `argyle`, long ago); `stranger`
/// and `own` (as `argyle`) are signed by themselves.
package struct Certificates: Sendable {
    package let folder: TemporaryFolder

    package struct NotMade: Error { package let reason: String }

    package init() async throws {
        folder = try TemporaryFolder()
        let script = #"""
            set -e; umask 077
            new="-newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes"
            openssl req -x509 $new -days 2 -subj /CN=ca -keyout ca.key -out ca.pem
            openssl req -x509 $new -days 2 -subj /CN=stranger -keyout stranger.key -out stranger.pem
            leaf() {
              openssl req $new -subj "/CN=$1" -keyout $1.key -out $1.csr
              printf 'subjectAltName=%s' "$2" > $1.ext
              openssl x509 -req -in $1.csr -CA ca.pem -CAkey ca.key -CAcreateserial -days 2 -extfile $1.ext -out $1.pem
            }
            leaf server IP:127.0.0.1
            leaf client DNS:client.example
            leaf argyle DNS:argyle.test,DNS:localhost,IP:127.0.0.1
            leaf other DNS:other.test
            openssl req -x509 $new -days 2 -subj /CN=own -addext subjectAltName=DNS:argyle.test,DNS:localhost -keyout own.key -out own.pem
            : > issued; echo 77 > serial
            printf '%s\n' '[ca]' default_ca=a '[a]' database=issued serial=serial new_certs_dir=. default_md=sha256 policy=p '[p]' \
              commonName=supplied > ca.cnf
            openssl ca -batch -notext -config ca.cnf -cert ca.pem -keyfile ca.key -in argyle.csr -extfile argyle.ext \
              -startdate 20200101000000Z -enddate 20200102000000Z -out expired.pem
            cp argyle.key expired.key
            cat server.key server.pem ca.pem > server-all.pem
            """#
        let made = try await Command.run("sh", ["-c", script], in: folder.url)
        guard made.status == 0 else { throw NotMade(reason: made.errors) }
    }

    /// `ca.pem`, `server.pem`, `server.key`, and so on; `server-all.pem` holds key, certificate and CA.
    package func path(_ name: String) -> String { "\(folder.path)/\(name)" }
}
