import RelayConfiguration
import RelayTestSupport
import Testing

@Suite("Faults in the configuration", .timeLimit(.minutes(5)))
struct FaultTests {
    @Test(
        "a value that a setting does not take is a fault",
        arguments: [
            "http: {host: '[::1]'}", "http: {host: a b}", "http: {host: '*'}", "http: {host: ''}", "http: {host: 1.2.3}",
            "http: {host: -a}",
            "http: {port: 65536}", "http: {port: -1}", "http: {port: 80.5}", "http: {port: 0x50}", "http: {port: [80]}",
            "http: {port: {a: 1}}",
            "http: {port: 99999999999999999999}", "http: {port: --1}", "http: {port: ٨}",
            "http: {path: webhooks}", "http: {path: /a?b}", "http: {path: '/a b'}", "http: {path: '/a#b'}", "http: {path: \"/a\\n\"}",
            "http: {max_body: 1MB}", "http: {max_body: 1024}", "http: {max_body: 1mib}", "http: {max_body: 65MiB}",
            "http: {max_body: 1 MiB}",
            "http: {max_body: 99999999TiB}", "http: {max_body: MiB}", "http: {max_body: -1MiB}",
            "http: {request_timeout: 10}", "http: {request_timeout: 10 s}", "http: {request_timeout: 1.5s}", "http: {request_timeout: 0s}",
            "http: {request_timeout: 11m}", "http: {request_timeout: 10S}", "http: {request_timeout: 999999999999999999d}",
            "http: {request_timeout: forever}", "http: {idle_timeout: 999ms}", "http: {idle_timeout: 61m}",
            "http: {max_connections: 0}", "http: {tls: yes}", "http: [1]", "http: {tls: {certificate_file: ''}}",
            "access: {allow: argyle}", "access: {allow: [10.0.0.1/8]}", "access: {allow: [Argyle]}", "access: {allow: [[10.0.0.0/8]]}",
            "access: {allow: }",
            "access: {trusted_proxies: [argyle]}", "access: {trusted_proxies: [proxy.example]}",
            "events: {accept: []}", "events: {accept: 'users.*'}", "events: {accept: ['a b']}", "events: {accept: ['']}",
            "events: {accept: [~]}",
            "envelope: {mode: Binary}", "envelope: {source: 'a b'}", "envelope: {source: ''}", "envelope: {include_raw: yes}",
            "envelope: {include_raw: on}", "envelope: {include_raw: True}", "envelope: {include_raw: 1}",
            "dedup: {retention: never}", "dedup: {retention: 0s}", "outbox: {path: \"a\\0b\"}", "outbox: {path: ''}",
            "outbox: {retention: forever}",
            "outbox: {max_pending: 0}", "outbox: {max_pending: 1_000}", "outbox: {min_free_disk: 10%}",
            "outbox: {retry: {initial_delay: 0ms}}",
            "kafka: {bootstrap_servers: []}", "kafka: {bootstrap_servers: [embedded, 'a:1']}", "kafka: {bootstrap_servers: ['a:0']}",
            "kafka: {bootstrap_servers: ['a:99999']}", "kafka: {bootstrap_servers: ['http://a:1']}",
            "kafka: {bootstrap_servers: ['::1:9092']}",
            "kafka: {bootstrap_servers: ['a:b']}", "kafka: {bootstrap_servers: ['']}",
            "kafka: {topic: 'a b'}", "kafka: {topic: 'argyle.{name}'}", "kafka: {topic: .}", "kafka: {dead_letter_topic: 'argyle.{event}'}",
            "kafka: {dead_letter_topic: ''}", "kafka: {partitions: 0}", "kafka: {replication_factor: 0}", "kafka: {replication_factor: -2}",
            "kafka: {replication_factor: 32768}", "kafka: {properties: [acks]}", "kafka: {properties: ['=x']}",
            "kafka: {properties: ['a b=c']}",
            "kafka: {properties: ['a=1', 'a=2']}", "kafka: {properties: {a: 1}}", "kafka: {properties: a=1}",
            "kafka: {properties: [\"a=\\0\"]}",
            "admin: {token: ''}", "admin: {token: a b}", "admin: {token: tökén}", "admin: {token: [a]}", "admin: {token: {a: b}}",
            "argyle: {api_url: ftp://a}", "argyle: {api_url: 'https://'}", "argyle: {api_url: 'https://a?b'}",
            "argyle: {api_url: 'https://u:p@a'}",
            "argyle: {api_url: api.argyle.com}", "argyle: {api_key_id: 'a:b', api_key_secret: x}",
            "argyle: {api_key_secret: \"a\\nb\", api_key_id: x}",
            "log: {level: warn}", "log: {level: INFO}", "log: {format: xml}",
        ]
    )
    func badValues(yaml: String) {
        let found = faults(anySecret + yaml)
        #expect(found.count == 1)
        #expect(found.allSatisfy { $0.contains("(relay.yaml:2)") && $0.contains("; allowed: ") && !$0.contains("\n") })
    }

    @Test(
        "a value at the edge of what a setting takes is taken",
        arguments: [
            "http: {host: '::1', port: 65535}", "http: {host: localhost, port: 0}", "http: {host: relay_1.example.com}",
            "http: {port: '8081'}",
            "http: {path: /}", "http: {path: '/a%20b/c'}", "http: {max_body: 64MiB, request_timeout: 10m}", "http: {max_body: 1024B}",
            "http: {idle_timeout: 1s}", "http: {idle_timeout: 1h}",
            "http:\n", "http: {tls: }", "dedup: {retention: forever}", "outbox: {retention: 0s, min_free_disk: 0B}",
            "kafka: {bootstrap_servers: [a, 'SASL_SSL://b.c:1', '[::1]:2']}", "kafka: {bootstrap_servers: [embedded]}",
            "kafka: {properties: ['a=', 'b=c=d', 'C.d_e-f=x y']}", "kafka: {topic: all, replication_factor: 32767}",
            "argyle: {api_url: 'http://[::1]:8080/x/'}", "envelope: {source: /relay}", "log: {level: critical, format: json}",
            "---\nhttp: {port: 1}\n...\n",
        ]
    )
    func goodValues(yaml: String) throws {
        _ = try load(yaml, environment: ["RELAY_SIGNATURE_REQUIRED": "false"])
    }

    @Test("a fault names setting, finding, place, allowance and hint")
    func wording() {
        #expect(
            faults(anySecret + "access: {allow: [argyle, 10.0.0.1/8]}") == [
                "access.allow: found \"10.0.0.1/8\" (relay.yaml:2); allowed: a list of networks such as 10.0.0.0/8 or 2001:db8::/32, addresses, "
                    + "or the word argyle; bits are set beyond the prefix, did you mean 10.0.0.0/8?"
            ]
        )
        #expect(
            faults(anySecret, environment: ["RELAY_LOG_LEVEL": "loud"]) == [
                "log.level: found \"loud\" (environment RELAY_LOG_LEVEL); allowed: trace, debug, info, notice, warning, error, critical"
            ]
        )
        #expect(faults(anySecret, flags: ["log.format": ""]) == ["log.format: found nothing (--set); allowed: text, json"])
    }

    @Test(
        "an unknown key is a fault that names the nearest",
        arguments: [
            ("http: {prot: 1}", "http.port"), ("htp: {port: 1}", "http"), ("port: 1", "http.port"),
            ("kafka: {bootstrap_server: x}", "kafka.bootstrap_servers"),
            ("outbox: {retry: {max_dealy: 1s}}", "outbox.retry.max_delay"), ("admin: {token_fiel: x}", "admin.token_file"),
            ("http: {host_file: x}", "http.host"), ("log_level: x", "log.level"),
        ]
    )
    func unknownKeys(yaml: String, nearest: String) throws {
        let found = faults(anySecret + yaml)
        #expect(found.count == 1)
        #expect(try #require(found.first).hasSuffix("; the nearest is \(nearest)"))
        #expect(try #require(found.first).contains("an unknown key (relay.yaml:2)"))
    }

    @Test("an unknown variable or flag is a fault that names the nearest")
    func unknownElsewhere() throws {
        let found = faults(anySecret, environment: ["RELAY_KAFKA_TOPICS": "x", "HOME": "/"], flags: ["htp.port": "1"])
        #expect(found.count == 2)
        #expect(
            try #require(found.first)
                == "RELAY_KAFKA_TOPICS: found an unknown variable; allowed: RELAY_ and a key of relay.yaml.example; the nearest is RELAY_KAFKA_TOPIC"
        )
        #expect(try #require(found.last).hasSuffix("(--set); allowed: the keys of relay.yaml.example; the nearest is http.port"))
        _ = try load(anySecret, environment: ["RELAY_CONFIG": "x"], otherVariables: ["RELAY_CONFIG"])
    }

    @Test("a key with a dot in it is refused, since sections nest")
    func dottedKeys() {
        #expect(faults(anySecret + "http.port: 1").count == 1)
    }

    @Test("all faults of all sources are reported at once")
    func allAtOnce() {
        let found = faults(
            "http: {port: x, hots: y}\nadmin: {host: 0.0.0.0}\n",
            environment: ["RELAY_LOG_LEVEL": "loud", "RELAY_X": "1"],
            flags: ["log.format": "xml", "nope": "1"]
        )
        let keys = found.map { String($0.prefix { $0 != ":" }) }
        #expect(keys == ["http.hots", "RELAY_X", "nope", "http.port", "log.level", "log.format", "signature.secrets", "admin.token"])
    }

    @Test("a value in a fault is cut at 80 characters and its control characters are escaped")
    func escaped() throws {
        let long = try #require(faults(anySecret, flags: ["log.level": String(repeating: "x", count: 5000)]).first)
        #expect(long.contains("\"" + String(repeating: "x", count: 80) + "\"…"))
        #expect(!long.contains(String(repeating: "x", count: 81)))
        let wild = try #require(faults(anySecret, flags: ["log.level": "a\n\u{1b}[31m\u{202e}\r\nb\u{85}"]).first)
        #expect(wild.contains("a\\n\\u{1b}[31m\\u{202e}\\r\\nb\\u{85}"))
        let key = try #require(faults(anySecret + "\"x\\n\\e[0m\": 1").first)
        #expect(key.hasPrefix("x\\n\\u{1b}[0m: "))
    }

    @Test("a secret never shows in a fault")
    func secretsStayHidden() {
        let found = faults(
            """
            signature: {secrets: hunter2}
            admin: {token: 'hunter2 hunter2', port: [hunter3]}
            argyle: {api_key_id: "hunter2:", api_key_secret: {hunter2: hunter2}, api_url: 'https://hunter2:hunter2@api'}
            kafka: {properties: [sasl.password hunter2]}
            """,
            environment: ["RELAY_SIGNATURE_SECRETS": "[hunter2", "RELAY_ADMIN_TOKEN": "hunter2\n", "RELAY_KAFKA_PROPERTIES": "hunter2"],
            flags: ["admin.token": "hunter2", "kafka.properties": "sasl.password=hunter2", "signature.secrets": "hunter2,hunter2"]
        )
        #expect(found.count == 13)
        #expect(!found.contains { $0.contains("hunter2") })
    }

    @Test("a secret on the command line is refused and told where else it may stand")
    func secretFlags() {
        #expect(
            faults(anySecret, flags: ["admin.token": "abcdefgh"]) == [
                "admin.token: found a secret on the command line, which every process may read (--set); "
                    + "allowed: RELAY_ADMIN_TOKEN or admin.token_file"
            ]
        )
        #expect(faults("", flags: ["signature.secrets": "abcdefgh"]).count == 1)
        #expect(faults(anySecret, flags: ["kafka.properties": "linger.ms=5,sasl.password=x"]).count == 1)
        #expect(faults(anySecret, flags: ["kafka.properties": "linger.ms=5"]).isEmpty)
    }

    @Test("nothing in a list of secrets is a fault, not the secret ~", arguments: ["~", "null", "''"])
    func nullSecret(entry: String) {
        #expect(faults("signature: {secrets: [\(entry)]}").count == 1)
    }

    @Test("a wrong file does not print itself")
    func boundedFaults() {
        #expect(faults((0..<2000).map { "k\($0): 1\n" }.joined()).count < 60)
    }

    @Test("what librdkafka's expert refuses is a fault at the place of the properties")
    func propertyCheck() {
        let error = caught(ConfigurationError.self) {
            _ = try load(anySecret + "log: {level: x}\nkafka: {properties: [acks=1, linger.ms=5]}") { properties in
                #expect(properties.map(\.0) == ["acks", "linger.ms"])
                #expect(properties.map(\.1) == ["1", "5"])
                return [ConfigurationFault(key: "kafka.properties", found: "acks", allowed: "acks=all")]
            }
        }
        #expect(error?.faults.last?.description == "kafka.properties: found acks (relay.yaml:3); allowed: acks=all")
        #expect(error?.faults.count == 2)
    }
}
