// swift-tools-version: 6.2
import PackageDescription

/// Every function we deploy. One name here is one folder in Functions/ and one resource in template.yaml.
/// `World` is granted to those that call the outside over libcurl; the others never load it.
let functions: [String: [Target.Dependency]] = [
    "presign": ["World"],
    "upload-complete": ["World"],
    "transcribe": ["World"],
    "summarise": ["World"],
    "index-passages": ["World"],
    "catalogue": ["Core"],
    "health": ["Core"],
    "search": ["World"],
    "page": ["Core", "HTTP", "Pages"],
    "session": ["World"],
    "cart": ["Core"],
    "checkout": ["World"],
    "gifts": ["Core"],
    "stripe-webhook": ["Core", "Stripe"],
    "library": ["World"],
    "exports": ["World", "EPUB"],
    "users": ["Core", "Identity"],
    "payments": ["World"],
    "relay": ["World"],
    "cleanup": ["World"],
    "orders": ["World", "PDF", "Pages"],
    "admin": ["Core"],
    "migrate": ["Core"],
]

let strict: [SwiftSetting] = [
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("MemberImportVisibility"),
    .enableUpcomingFeature("InternalImportsByDefault"),
    .treatAllWarnings(as: .error),
]

func core(_ name: String, uses dependencies: [Target.Dependency] = []) -> Target {
    .target(name: name, dependencies: dependencies, path: "Core/\(name)", swiftSettings: strict)
}

/// A C library of Debian's, and the module map over its headers.
func system(_ name: String, _ package: String, _ debian: String, in room: String = "Core") -> Target {
    .systemLibrary(name: name, path: "\(room)/\(name)", pkgConfig: package, providers: [.apt([debian])])
}

func emulator(_ name: String, uses dependencies: [Target.Dependency] = []) -> Target {
    .target(name: name, dependencies: dependencies, path: "Emulator/\(name)", swiftSettings: strict)
}

#if arch(arm64)
    let machine = "aarch64"
#else
    let machine = "x86_64"
#endif

/// Tests are found by an index of their sources. One of all sources takes a fifth of the time of compiling them:
/// `build.sh` has none written but this.
let index = SwiftSetting.unsafeFlags(
    [
        "-index-store-path", ".build/\(machine)-unknown-linux-gnu/debug/index/store",
        "-index-ignore-system-modules",
    ], .when(configuration: .debug))

/// `scripts` are run by the tests and are nothing to the compiler.
func tests(_ name: String, of dependencies: [Target.Dependency], scripts: [String] = []) -> Target {
    .testTarget(
        name: name, dependencies: dependencies, path: "Tests/\(name)", exclude: scripts,
        swiftSettings: strict + [index])
}

func bench(_ name: String) -> Target {
    .executableTarget(
        name: "bench-\(name)", dependencies: ["Bookshop", "Measuring", "Postgres", "Records", "TestSupport"],
        path: "Benchmarks/\(name)", swiftSettings: strict)
}

/// A bundle holds a function and Core: for them alone no package is fetched, and no emulator or test is compiled.
let isPackaging = Context.environment["EARSHELF_PACKAGING"] != nil

/// What is measured beside other runtimes, built as a bundle is.
let isMeasuring = Context.environment["EARSHELF_MEASURING"] != nil
let echo = Target.executableTarget(
    name: "bench-echo", dependencies: ["Lambda"], path: "Benchmarks/loop/echo", swiftSettings: strict)

/// Whatever takes apart bytes under libFuzzer, which has a `main` of its own.
let isFuzzing = Context.environment["EARSHELF_FUZZING"] != nil

let hummingbird = Target.Dependency.product(name: "Hummingbird", package: "hummingbird")
let nio = ["NIOCore", "NIOPosix", "NIOHTTP1"].map {
    Target.Dependency.product(name: $0, package: "swift-nio")
}
let logging = Target.Dependency.product(name: "Logging", package: "swift-log")
let yams = Target.Dependency.product(name: "Yams", package: "Yams")
let arguments = Target.Dependency.product(name: "ArgumentParser", package: "swift-argument-parser")

let modules: [Target] = [
    system("CPostgres", "libpq", "libpq-dev"),
    system("CCurl", "libcurl", "libcurl4-openssl-dev"),
    system("COpenSSL", "libcrypto", "libssl-dev"),
    .systemLibrary(name: "CSpawn", path: "Core/CSpawn"),

    // Fonts of Debian's, for whoever sets text.
    .target(name: "CFonts", path: "Core/CFonts"),

    core("Bookshop"),
    core("Lambda"),
    core("Postgres", uses: ["CPostgres"]),
    core("HTTP"),
    core("Curl", uses: ["CCurl", "HTTP"]),
    core("FFmpeg", uses: ["Bookshop", "CSpawn"]),
    core("Cryptography", uses: ["COpenSSL"]),
    core("AWS", uses: ["Bookshop", "Cryptography", "HTTP"]),
    core("Stripe", uses: ["Bookshop", "Cryptography", "HTTP"]),
    core("OpenAI", uses: ["Bookshop", "HTTP"]),
    core("OpenSearch", uses: ["Bookshop", "HTTP"]),
    core("Identity", uses: ["Cryptography"]),
    core("PDF", uses: ["CFonts"]),
    core("Pages", uses: ["Bookshop"]),
    core("EPUB", uses: ["Bookshop", "Cryptography"]),
    core("Records", uses: ["Bookshop", "Postgres"]),
    core(
        "Core",
        uses: [
            "Bookshop", "Lambda", "Postgres", "Cryptography", "AWS", "HTTP", "Identity", "Records",
            "Stripe",
        ]),
    core(
        "World",
        uses: [
            "Bookshop", "Cryptography", "Identity", "Core", "HTTP", "Curl", "AWS", "Stripe", "OpenAI",
            "OpenSearch", "FFmpeg",
        ]),
]

let deployed = functions.sorted { $0.key < $1.key }.map { name, grants in
    Target.executableTarget(
        name: name, dependencies: grants, path: "Functions/\(name)", swiftSettings: strict)
}

/// The platform on one machine, and what tries and measures all of it.
let platform: [Target] = [
    // Starting processes in groups of their own that cannot outlive the emulator takes prctl and vfork.
    .target(name: "CProcess", path: "Emulator/CProcess"),
    system("CPocketSphinx", "pocketsphinx", "libpocketsphinx-dev", in: "Emulator"),
    emulator("Template", uses: [yams]),
    emulator(
        "Platform",
        uses: ["Template", "Cryptography", "CProcess", "Groundwork", "HTTP", hummingbird, logging] + nio),
    // What all of it stands on: signatures, a listener, files that survive, calls to others.
    emulator("Groundwork", uses: ["Cryptography", "Curl", "HTTP", hummingbird, logging] + nio),
    // Reading what lies in memory takes preadv2.
    .systemLibrary(name: "CReading", path: "Emulator/CReading"),
    emulator("Storage", uses: ["CReading", "Cryptography", "Groundwork", hummingbird, logging]),
    emulator("Queue", uses: ["Cryptography", "Groundwork", hummingbird, logging]),
    emulator("Bus", uses: ["Cryptography", "Groundwork", hummingbird, logging]),
    emulator(
        "StandIns",
        uses: ["Cryptography", "Groundwork", "HTTP", "Pages", "CPocketSphinx", hummingbird, logging]),
    .executableTarget(
        name: "emulator",
        dependencies: [
            "Template", "Platform", "Storage", "Queue", "Bus", "Groundwork", "StandIns", "Cryptography",
            "HTTP", arguments, logging, hummingbird,
        ] + nio,
        path: "Emulator/emulator", swiftSettings: strict),

    tests("BookshopTests", of: ["Bookshop"]),
    tests("LambdaTests", of: ["Lambda"]),
    tests("PostgresTests", of: ["Postgres"]),
    tests("HTTPTests", of: ["HTTP"]),
    tests("CurlTests", of: ["Curl", "HTTP"]),
    tests("FFmpegTests", of: ["FFmpeg", "Bookshop"]),
    tests("CryptographyTests", of: ["Cryptography"]),
    tests("AWSTests", of: ["AWS", "Bookshop", "HTTP"], scripts: ["botocore_signatures.py"]),
    tests("StripeTests", of: ["Stripe", "Bookshop", "HTTP"]),
    tests("OpenAITests", of: ["OpenAI", "Bookshop", "HTTP"]),
    tests("OpenSearchTests", of: ["OpenSearch", "Bookshop", "HTTP"]),
    tests("PDFTests", of: ["PDF", "TestSupport"]),
    tests("PagesTests", of: ["Pages", "Bookshop"]),
    tests("EPUBTests", of: ["EPUB", "Bookshop"], scripts: ["read_epub.py"]),
    tests(
        "IdentityTests", of: ["Identity", "Cryptography"],
        scripts: ["pyjwt_tokens.py", "svix_webhooks.py"]),
    // A database for each test, and what a shop needs to have in it.
    .target(
        name: "TestSupport", dependencies: ["Bookshop", "Postgres", "Records"], path: "Tests/TestSupport",
        exclude: ["shelves.sql", "years.sql"], swiftSettings: strict),
    .target(
        name: "Measuring", dependencies: ["Postgres", "TestSupport"], path: "Benchmarks/Measuring",
        swiftSettings: strict),
    bench("search"),
    bench("passages"),
    tests("RecordsTests", of: ["Records", "Bookshop", "Postgres", "TestSupport"]),
    tests(
        "FunctionTests",
        of: [
            "Core", "Lambda", "World", "Cryptography", "HTTP", "Identity", "OpenSearch", "Pages",
            "TestSupport",
        ]
            + functions.keys.sorted().map { .target(name: $0) }),
    tests(
        "EmulatorTests",
        of: [
            "emulator", "Template", "Platform", "Storage", "Queue", "Bus", "Groundwork", "StandIns",
            "Cryptography", "HTTP", hummingbird, logging,
        ] + nio),
    tests(
        "StandInTests",
        of: ["StandIns", "Cryptography", "Groundwork", "HTTP", hummingbird, logging]),
    tests("TidyTests", of: [yams]),
]

/// What of the emulator takes apart bytes, without its servers and what they stand on.
func parsers(_ name: String, _ files: [String], uses dependencies: [Target.Dependency] = []) -> Target {
    .target(
        name: name, dependencies: dependencies, path: "Emulator/\(name)",
        sources: files.map { "\($0).swift" },
        swiftSettings: strict)
}

let fuzzing: [Target] = [
    emulator("Template", uses: [yams]),
    parsers(
        "Groundwork",
        [
            "Arrival", "Durable", "JSONTree", "PercentCoding", "SignatureClaim", "SignatureRefusal",
            "Timestamp", "VerifiedSignature",
        ],
        uses: ["Cryptography"]),
    parsers(
        "Storage",
        [
            "BucketDescription", "CORSRule", "Checksum", "ChunkedDecoder", "ObjectKey", "ObjectRecord",
            "S3Error", "Upload",
            "XMLElement",
        ],
        uses: [
            "Cryptography", "Groundwork", .product(name: "NIOCore", package: "swift-nio"),
            .product(name: "HTTPTypes", package: "swift-http-types"),
        ]),
    parsers("Bus", ["AcceptedEvent", "EventPattern", "Matcher"], uses: ["Groundwork"]),
    parsers(
        "Platform", ["CronExpression", "GatewayToken", "GatewayTrace", "JSONValue", "PercentEncoding"],
        uses: ["Cryptography"]),
    parsers("StandIns", ["Common/Form", "OpenAI/MultipartForm"]),
    .executableTarget(
        name: "fuzzing",
        dependencies: [
            "AWS", "Bookshop", "Cryptography", "HTTP", "Identity", "Lambda", "OpenAI", "OpenSearch", "Stripe",
            "Template", "Groundwork", "Storage", "Bus", "Platform", "StandIns",
        ],
        path: "Tests/Fuzzing", exclude: ["corpus", "run.sh"], swiftSettings: strict),
]

let package = Package(
    name: "earshelf",
    products: functions.keys.sorted().map { .executable(name: $0, targets: [$0]) }
        + (isPackaging || isFuzzing ? [] : [.executable(name: "emulator", targets: ["emulator"])]),
    dependencies: isPackaging
        ? []
        : [
            .package(url: "https://github.com/apple/swift-nio", from: "2.101.0"),
            .package(url: "https://github.com/jpsim/Yams", from: "6.2.2"),
        ]
            + (isFuzzing
                ? [.package(url: "https://github.com/apple/swift-http-types", from: "1.3.0")]
                : [
                    // Without its reading of settings, which is a package of its own to be compiled.
                    .package(
                        url: "https://github.com/hummingbird-project/hummingbird", from: "2.28.1",
                        traits: ["FullFoundation"]),
                    .package(url: "https://github.com/apple/swift-log", from: "1.16.2"),
                    .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
                ]),
    targets: modules + deployed + (isMeasuring ? [echo] : [])
        + (isPackaging || isFuzzing ? [] : platform + [echo]) + (isFuzzing ? fuzzing : [])
)
