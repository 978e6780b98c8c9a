// swift-tools-version: 6.2
import PackageDescription

/// Strict from day one: see the style page. Warnings are errors in every target of ours.
let strict: [SwiftSetting] = [
    .swiftLanguageMode(.v6),
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("InternalImportsByDefault"),
    .enableUpcomingFeature("MemberImportVisibility"),
    .enableUpcomingFeature("NonisolatedNonsendingByDefault"),
    .strictMemorySafety(),
    .treatAllWarnings(as: .error),
]

/// SPOTRENDER_STATIC=1, with `-Xswiftc -static-executable`, links everything into one file,
/// libcurl.a among it: a Lambda starts faster the fewer libraries it loads. See `infra/package.sh`.
let isStatic = Context.environment["SPOTRENDER_STATIC"] == "1"
let curlLibraries = ["curl"] + (isStatic ? ["ssl", "crypto", "z", "zstd"] : [])
let archiveLibraries = ["archive"] + (isStatic ? ["nettle", "z", "bz2", "lzma", "zstd"] : [])
let curlStubs: [Target] = isStatic ? [.target(name: "CCurlStubs")] : []

let log: Target.Dependency = .product(name: "Logging", package: "swift-log")
let lifecycle: Target.Dependency = .product(
    name: "ServiceLifecycle", package: "swift-service-lifecycle")
let signals: Target.Dependency = .product(
    name: "UnixSignals", package: "swift-service-lifecycle")
let subprocess: Target.Dependency = .product(name: "Subprocess", package: "swift-subprocess")
let system: Target.Dependency = .product(name: "SystemPackage", package: "swift-system")
let arguments: Target.Dependency = .product(
    name: "ArgumentParser", package: "swift-argument-parser")
let web: Target.Dependency = .product(name: "FlyingFox", package: "FlyingFox")

func library(_ name: String, _ dependencies: [Target.Dependency] = []) -> Target {
    .target(name: name, dependencies: dependencies, swiftSettings: strict)
}

func program(_ name: String, _ dependencies: [Target.Dependency]) -> Target {
    .executableTarget(name: name, dependencies: dependencies, swiftSettings: strict)
}

func tests(
    _ module: String, _ dependencies: [Target.Dependency] = [], hasFixtures: Bool = false
) -> Target {
    .testTarget(
        name: "\(module)Tests",
        dependencies: [.target(name: module), "FarmTesting"] + dependencies,
        exclude: hasFixtures ? ["Fixtures"] : [],
        swiftSettings: strict)
}

let handlerMain: [Target.Dependency] = [
    "Farm", "Operations", "Handlers", "FarmOnAWS", "AWS", "HTTP", "LambdaRuntime", log,
]

let all: [Target] = [
    // Domain
    .target(
        name: "Farm", resources: [.embedInCode("Market/on-demand-us-east-1.csv")],
        swiftSettings: strict),
    library("BlendFile", ["CZlib", "CZstd"]),
    .target(
        name: "Archive", dependencies: ["Farm", "BlendFile", "CArchive"],
        swiftSettings: strict, linkerSettings: archiveLibraries.map { .linkedLibrary($0) }),
    library("Operations", ["Farm", "Digest"]),
    library("Inspection", ["Farm", "BlendFile", "Archive"]),
    library(
        "Handlers",
        [
            "Farm", "Operations", "Inspection", "Presentation", "BlendFile", "Archive", "Digest",
            log,
        ]),
    library("Worker", ["Farm", "Operations", "Archive", "Digest", log, lifecycle, signals]),
    .target(
        name: "Blender", dependencies: ["Farm", "CZlib", subprocess, system],
        resources: [.embedInCode("Programs")], swiftSettings: strict),
    // AWS
    library("Digest", ["CCrypto"]),
    library("HTTP", isStatic ? ["CCurl", "CCurlStubs"] : ["CCurl"]),
    library("AWS", ["HTTP", "Digest", "CExpat", log]),
    library("FarmOnAWS", ["Farm", "AWS", "HTTP", "CZlib", log]),
    library("LambdaRuntime", ["HTTP", log]),
    // One machine
    library(
        "LocalCloud",
        [
            "Farm", "FarmOnAWS", "AWS", "HTTP", "CZlib", "Digest", "Presentation", log, subprocess,
            web,
        ]),
    library("Presentation", ["Farm"]),
    .target(
        name: "Dashboard", dependencies: ["Farm", "Operations", "Presentation", log, web],
        resources: [.embedInCode("Page")], swiftSettings: strict),
    // Programs
    program("job-splitter", handlerMain + ["BlendFile"]),
    program("spot-interruption-handler", handlerMain),
    program("fleet-scaler", handlerMain + ["Presentation"]),
    program(
        "render-worker",
        ["Farm", "Operations", "Worker", "Blender", "FarmOnAWS", "AWS", "HTTP", log]),
    program(
        "spotrender",
        [
            "Farm", "BlendFile", "Archive", "Blender", "Digest", "Operations", "Inspection",
            "Presentation", "FarmOnAWS", "AWS", "HTTP", "LocalCloud", "Dashboard", log, arguments,
            signals,
            subprocess,
        ]),
    // C
    .target(name: "CCurl", linkerSettings: curlLibraries.map { .linkedLibrary($0) }),
    .systemLibrary(name: "CArchive"),
    .systemLibrary(name: "CCrypto"),
    .systemLibrary(name: "CExpat"),
    .systemLibrary(name: "CZlib"),
    .systemLibrary(name: "CZstd"),
    // Tests
    .target(
        name: "FarmTesting",
        dependencies: ["Farm", "Operations", "Archive", "BlendFile", "CArchive"],
        path: "Sources/FarmTesting",
        swiftSettings: strict),
    tests("Farm"),
    tests("BlendFile", ["CZlib", "CZstd"], hasFixtures: true),
    tests("Archive", ["Farm"]),
    tests("Operations", ["Farm"]),
    tests(
        "Handlers", ["Farm", "Operations", "Presentation", "Inspection", "BlendFile", "Archive"]),
    tests("Worker", ["Farm", "Operations", "Presentation", "Archive"]),
    tests("Blender", ["Farm", "CZlib", subprocess, system], hasFixtures: true),
    tests("Digest"),
    tests("HTTP", [subprocess]),
    tests("AWS", ["HTTP"], hasFixtures: true),
    tests("FarmOnAWS", ["Farm", "AWS", "HTTP", "Digest", "CZlib", log]),
    tests("LambdaRuntime", ["HTTP"]),
    tests("LocalCloud", ["Farm", "HTTP", "Presentation", log]),
    tests("Presentation", ["Farm"]),
    tests("Dashboard", ["Farm", "HTTP", "Operations", "Presentation", log]),
    .testTarget(name: "TidyTests", swiftSettings: strict),
    .testTarget(
        name: "EndToEndTests",
        dependencies: [
            "AWS", "Farm", "FarmOnAWS", "HTTP", "LocalCloud", "Operations", "Presentation", log,
            subprocess, system,
        ],
        exclude: ["make_project.py"], swiftSettings: strict),
    .executableTarget(
        name: "echo-lambda", dependencies: ["LambdaRuntime", log],
        path: "Tests/conformance/echo-lambda", swiftSettings: strict),
    .executableTarget(
        name: "engine-bench", dependencies: ["BlendFile", "Blender", "Farm"],
        path: "Tests/bench/engine-bench", swiftSettings: strict),
]

/// What `infra/package.sh` builds: everything but tests and what only tests use.
let packaged = all.filter {
    $0.type != .test && !["FarmTesting", "echo-lambda", "engine-bench"].contains($0.name)
}

let package = Package(
    name: "spotrender",
    dependencies: [
        .package(url: "https://github.com/apple/swift-log", exact: "1.16.2"),
        .package(url: "https://github.com/apple/swift-argument-parser", exact: "1.8.2"),
        .package(url: "https://github.com/swift-server/swift-service-lifecycle", exact: "2.13.0"),
        .package(
            url: "https://github.com/swiftlang/swift-subprocess", exact: "1.0.2", traits: []),
        .package(url: "https://github.com/apple/swift-system", exact: "1.8.1"),
        .package(url: "https://github.com/swhitty/FlyingFox", exact: "0.27.1"),
    ],
    targets: (isStatic ? packaged : all) + curlStubs
)
