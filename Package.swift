// swift-tools-version: 6.0
import PackageDescription

/// An upcoming feature from 6.1 on; the compilers before know it as an experiment.
#if compiler(>=6.1)
let memberImportVisibility = SwiftSetting.enableUpcomingFeature("MemberImportVisibility")
#else
let memberImportVisibility = SwiftSetting.enableExperimentalFeature("MemberImportVisibility")
#endif

/// Every target is built in Swift 6 mode with these; `CI` turns warnings into errors.
let settings: [SwiftSetting] =
    [
        .enableUpcomingFeature("ExistentialAny"),
        .enableUpcomingFeature("InternalImportsByDefault"),
        memberImportVisibility,
    ] + (Context.environment["CI"] == nil ? [] : [.unsafeFlags(["-warnings-as-errors"])])

/// One of Apple's packages: the version that the tests ran with, or any up to the next major one where `deploy` found another to be at hand.
func apple(_ name: String, tested: Version, below limit: Version) -> Package.Dependency {
    let url = "https://github.com/apple/\(name).git"
    let isRange = Context.environment["ARGYLE_RELAY_PACKAGE_RANGES"] != nil
    return isRange ? .package(url: url, tested..<limit) : .package(url: url, exact: tested)
}

func system(_ name: String, pkgConfig: String, apt: String) -> Target {
    .systemLibrary(name: name, pkgConfig: pkgConfig, providers: [.apt([apt])])
}

func library(_ name: String, _ dependencies: [Target.Dependency]) -> Target {
    .target(name: name, dependencies: dependencies, swiftSettings: settings)
}

func tests(_ name: String, _ dependencies: [Target.Dependency]) -> Target {
    .testTarget(name: name, dependencies: dependencies, swiftSettings: settings)
}

let nioCore = Target.Dependency.product(name: "NIOCore", package: "swift-nio")
let nioPosix = Target.Dependency.product(name: "NIOPosix", package: "swift-nio")
let nioEmbedded = Target.Dependency.product(name: "NIOEmbedded", package: "swift-nio")
let nioHTTP1 = Target.Dependency.product(name: "NIOHTTP1", package: "swift-nio")
let logging = Target.Dependency.product(name: "Logging", package: "swift-log")
let argumentParser = Target.Dependency.product(name: "ArgumentParser", package: "swift-argument-parser")

let package = Package(
    name: "argyle-relay",
    products: [.executable(name: "argyle-relay", targets: ["ArgyleRelay"])],
    dependencies: [
        apple("swift-argument-parser", tested: "1.4.0", below: "2.0.0"),
        apple("swift-log", tested: "1.5.4", below: "2.0.0"),
        apple("swift-nio", tested: "2.65.0", below: "3.0.0"),
    ],
    targets: [
        system("CRdKafka", pkgConfig: "rdkafka", apt: "librdkafka-dev"),
        system("COpenSSL", pkgConfig: "openssl", apt: "libssl-dev"),
        system("CSQLite", pkgConfig: "sqlite3", apt: "libsqlite3-dev"),
        system("CYAML", pkgConfig: "yaml-0.1", apt: "libyaml-dev"),
        system("CCurl", pkgConfig: "libcurl", apt: "libcurl4-openssl-dev"),
        .systemLibrary(name: "CThread"),

        library("RelayCore", ["COpenSSL"]),
        library("RelayMetrics", []),
        library("RelayThread", ["CThread"]),
        library("RelayConfiguration", ["COpenSSL", "CYAML", "RelayCore"]),
        library("RelayHTTP", ["COpenSSL", nioCore, nioPosix, logging]),
        library("RelayClient", ["CCurl", "RelayThread"]),
        library("RelayOutbox", ["CSQLite", "RelayCore", "RelayMetrics", "RelayThread"]),
        library("RelayKafka", ["CRdKafka", "RelayCore", "RelayThread"]),
        library("RelayIngress", ["RelayCore", "RelayOutbox", "RelayMetrics", "RelayHTTP", logging]),
        library("RelayPublisher", ["RelayCore", "RelayOutbox", "RelayKafka", "RelayMetrics", logging]),
        library("RelayAdmin", ["RelayCore", "RelayOutbox", "RelayMetrics", "RelayHTTP", logging]),
        library("ArgyleAPI", ["RelayClient", "RelayCore"]),
        .executableTarget(
            name: "ArgyleRelay",
            dependencies: [
                "RelayCore", "RelayMetrics", "RelayConfiguration", "RelayHTTP", "RelayClient", "RelayOutbox", "RelayKafka",
                "RelayIngress", "RelayPublisher", "RelayAdmin", "ArgyleAPI", argumentParser, logging, nioCore, nioPosix,
            ],
            swiftSettings: settings
        ),

        .executableTarget(
            name: "RelayBench",
            dependencies: [
                "RelayCore", "RelayMetrics", "RelayHTTP", "RelayOutbox", "RelayKafka", "RelayIngress", "RelayPublisher", logging,
                nioCore, nioPosix, nioHTTP1,
            ],
            path: "Tests/Bench",
            swiftSettings: settings
        ),
        .executableTarget(
            name: "RelayLoad",
            dependencies: ["RelayCore", nioCore, nioPosix],
            path: "Tests/Load",
            swiftSettings: settings
        ),
        .target(
            name: "RelayTestSupport",
            dependencies: ["RelayClient", "RelayCore", "RelayKafka", logging, nioCore, nioPosix],
            path: "Tests/Support",
            swiftSettings: settings
        ),
        tests("RelayCoreTests", ["RelayCore", "RelayTestSupport"]),
        tests("RelayConfigurationTests", ["RelayConfiguration", "RelayCore", "RelayTestSupport"]),
        tests("RelayMetricsTests", ["RelayMetrics"]),
        tests("RelayHTTPTests", ["RelayHTTP", "RelayClient", "COpenSSL", nioCore, nioPosix, nioEmbedded, nioHTTP1, logging]),
        tests("RelayClientTests", ["RelayClient", "RelayHTTP", "RelayTestSupport", nioCore, nioPosix, logging]),
        tests("RelayOutboxTests", ["RelayOutbox", "RelayCore", "RelayMetrics", "RelayTestSupport", "CSQLite"]),
        tests("RelayKafkaTests", ["RelayKafka", "RelayTestSupport"]),
        tests(
            "RelayIngressTests",
            ["RelayIngress", "RelayCore", "RelayHTTP", "RelayMetrics", "RelayOutbox", "RelayTestSupport", logging, nioPosix]
        ),
        .testTarget(
            name: "AcceptanceTests",
            dependencies: ["RelayClient", "RelayCore", "RelayHTTP", "RelayKafka", "RelayTestSupport", nioPosix],
            exclude: ["Checkers"],
            swiftSettings: settings
        ),
        tests(
            "RelayPublisherTests",
            ["RelayPublisher", "RelayOutbox", "RelayKafka", "RelayCore", "RelayMetrics", "RelayTestSupport", logging]
        ),
        tests("RelayAdminTests", ["RelayAdmin", "RelayOutbox", "RelayHTTP", "RelayCore", "RelayMetrics"]),
        tests(
            "ArgyleAPITests",
            [
                "ArgyleAPI", "ArgyleRelay", "RelayAdmin", "RelayClient", "RelayConfiguration", "RelayHTTP", "RelayCore", "RelayKafka",
                "RelayTestSupport", nioPosix,
                logging,
            ]
        ),
        tests("AcceptanceToolsTests", ["ArgyleRelay", "RelayKafka", "RelayCore", "RelayMetrics", "RelayTestSupport", logging]),
        .testTarget(name: "ArchitectureTests", path: "Tests/Architecture", swiftSettings: settings),
    ]
)
