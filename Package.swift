// swift-tools-version: 6.2
import PackageDescription

/// One set of settings for every target of ours: warnings are errors, imports say what they export.
let strict: [SwiftSetting] = [
    .swiftLanguageMode(.v6),
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("InternalImportsByDefault"),
    .enableUpcomingFeature("MemberImportVisibility"),
    .enableUpcomingFeature("NonisolatedNonsendingByDefault"),
    .enableUpcomingFeature("InferIsolatedConformances"),
    .enableExperimentalFeature("Lifetimes"),
    .treatAllWarnings(as: .error),
    .treatWarning("DeprecatedDeclaration", as: .warning),
]

/// `make fuzz` sets FUZZ=1: the decoders are then built with libFuzzer's and the address sanitizer's instrumentation.
let fuzzing = Context.environment["FUZZ"] == "1"
let instrumented: [SwiftSetting] = fuzzing ? [.unsafeFlags(["-sanitize=fuzzer,address"])] : []

let argumentParser: Target.Dependency = .product(name: "ArgumentParser", package: "swift-argument-parser")
let logging: Target.Dependency = .product(name: "Logging", package: "swift-log")
let lifecycle: Target.Dependency = .product(name: "ServiceLifecycle", package: "swift-service-lifecycle")
let unixSignals: Target.Dependency = .product(name: "UnixSignals", package: "swift-service-lifecycle")
let crypto: Target.Dependency = .product(name: "Crypto", package: "swift-crypto")
let httpClient: Target.Dependency = .product(name: "AsyncHTTPClient", package: "async-http-client")
let nioCore: Target.Dependency = .product(name: "NIOCore", package: "swift-nio")
let nioHTTP1: Target.Dependency = .product(name: "NIOHTTP1", package: "swift-nio")
let httpTypes: Target.Dependency = .product(name: "HTTPTypes", package: "swift-http-types")

let package = Package(
    name: "deskwatch",
    products: [
        .executable(name: "deskwatch-agent", targets: ["deskwatch-agent"]),
        .executable(name: "deskwatch-collector", targets: ["deskwatch-collector"]),
        .executable(name: "deskwatch-sim", targets: ["deskwatch-sim"]),
        .executable(name: "deskwatch-bench", targets: ["deskwatch-bench"]),
    ],
    dependencies: [
        .package(url: "https://github.com/hummingbird-project/hummingbird", from: "2.28.1"),
        .package(url: "https://github.com/hummingbird-project/swift-mustache", from: "2.1.1"),
        .package(url: "https://github.com/groue/GRDB.swift", from: "7.10.0"),
        .package(url: "https://github.com/swift-server/async-http-client", from: "1.37.0"),
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
        .package(url: "https://github.com/apple/swift-log", from: "1.16.2"),
        .package(url: "https://github.com/swift-server/swift-service-lifecycle", from: "2.13.0"),
        .package(url: "https://github.com/jpsim/Yams", from: "6.2.2"),
        .package(url: "https://github.com/apple/swift-crypto", from: "4.5.2"),
        .package(url: "https://github.com/apple/swift-nio", from: "2.101.2"),
        .package(url: "https://github.com/apple/swift-http-types", from: "1.8.0"),
        .package(url: "https://github.com/apple/swift-protobuf", from: "1.39.0"),
    ],
    targets: [
        .systemLibrary(name: "CLibpcap", providers: [.apt(["libpcap-dev"])]),
        .target(name: "Wire", swiftSettings: strict + instrumented),
        .target(name: "Domain", dependencies: ["Wire"], swiftSettings: strict),
        .target(
            name: "Records",
            dependencies: ["Wire", "Domain", crypto, .product(name: "SwiftProtobuf", package: "swift-protobuf")],
            exclude: ["record.proto"],
            swiftSettings: strict),
        .systemLibrary(name: "CLinux"),
        .target(name: "Capture", dependencies: ["Wire", "CLibpcap", "CLinux"], swiftSettings: strict),
        .target(
            name: "Agent",
            dependencies: [
                "Wire", "Domain", "Records", .product(name: "Yams", package: "Yams"), crypto, logging, lifecycle,
                httpClient, nioCore, nioHTTP1,
            ],
            swiftSettings: strict),
        .target(
            name: "Collector",
            dependencies: [
                "Wire", "Domain", "Records", crypto, logging, lifecycle, unixSignals, httpClient, nioCore, nioHTTP1,
                httpTypes,
                .product(name: "Hummingbird", package: "hummingbird"),
                .product(name: "Mustache", package: "swift-mustache"),
                .product(name: "GRDB", package: "GRDB.swift"),
            ],
            swiftSettings: strict),
        .target(
            name: "Simulation",
            dependencies: [
                "Wire", "Domain", "Records", "Agent", "Capture", "Collector", crypto,
                .product(name: "Yams", package: "Yams"),
            ],
            swiftSettings: strict),
        .executableTarget(
            name: "deskwatch-agent",
            dependencies: [
                "Wire", "Domain", "Records", "Agent", "Capture", argumentParser, logging, lifecycle, unixSignals,
            ],
            path: "Sources/Commands/agent", swiftSettings: strict),
        .executableTarget(
            name: "deskwatch-collector",
            dependencies: ["Domain", "Records", "Collector", argumentParser, logging, lifecycle, unixSignals],
            path: "Sources/Commands/collector", swiftSettings: strict),
        .executableTarget(
            name: "deskwatch-sim",
            dependencies: ["Wire", "Domain", "Agent", "Simulation", argumentParser, logging],
            path: "Sources/Commands/sim", swiftSettings: strict),
        .executableTarget(
            name: "deskwatch-bench", dependencies: ["Wire", "Domain", "Capture", "Agent"],
            path: "Sources/Commands/bench",
            exclude: ["pcap-loop.c"], swiftSettings: strict),
        .testTarget(name: "WireTests", dependencies: ["Wire"], swiftSettings: strict),
        .testTarget(name: "DomainTests", dependencies: ["Wire", "Domain"], swiftSettings: strict),
        .testTarget(name: "RecordsTests", dependencies: ["Wire", "Domain", "Records"], swiftSettings: strict),
        .testTarget(name: "CaptureTests", dependencies: ["Wire", "Domain", "Capture"], swiftSettings: strict),
        .testTarget(name: "AgentTests", dependencies: ["Wire", "Domain", "Records", "Agent"], swiftSettings: strict),
        .testTarget(
            name: "CollectorTests",
            dependencies: [
                "Wire", "Domain", "Records", "Collector", "deskwatch-collector", httpClient, nioCore, nioHTTP1,
                httpTypes, logging,
                .product(name: "Hummingbird", package: "hummingbird"),
                .product(name: "HummingbirdTesting", package: "hummingbird"),
                .product(name: "GRDB", package: "GRDB.swift"),
            ],
            exclude: ["Pictures"],
            swiftSettings: strict),
        .testTarget(
            name: "SimulationTests", dependencies: ["Wire", "Domain", "Agent", "Capture", "Simulation"],
            swiftSettings: strict),
        .testTarget(
            name: "EndToEndTests",
            dependencies: ["Wire", "Domain", "Records", "Agent", "Capture", "Collector", "Simulation", logging],
            swiftSettings: strict),
        .testTarget(name: "TidyTests", swiftSettings: strict),
    ]
)

if fuzzing {
    package.products.append(.executable(name: "deskwatch-fuzz", targets: ["deskwatch-fuzz"]))
    package.targets.append(
        .executableTarget(
            name: "deskwatch-fuzz", dependencies: ["Wire", "Capture"], path: "Sources/Commands/fuzz",
            swiftSettings: strict + instrumented + [.enableExperimentalFeature("Extern")],
            linkerSettings: [.unsafeFlags(["-sanitize=fuzzer,address", "-use-ld=lld"])]))
}
