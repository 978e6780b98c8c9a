import Foundation
import HTTP
import Subprocess
import Testing

@Suite struct `An https server` {
    /// `openssl s_server` with a certificate of its own for 127.0.0.1. It ends before `withServer`
    /// returns.
    ///
    /// Subprocess starts it with no signal blocked. Foundation's `Process` would pass on the mask
    /// of the calling thread, and threads of a Swift program block SIGTERM: the server would
    /// outlive the tests.
    private struct Server {
        let certificate: String
        let url: String
        let process: ProcessIdentifier
    }

    private func withServer(_ body: (Server) async throws -> Void) async throws {
        let folder = FileManager.default.temporaryDirectory.appending(path: UUID().uuidString)
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        let certificate = folder.appending(path: "certificate.pem").path
        let key = folder.appending(path: "key.pem").path
        let made = try await Subprocess.run(
            .name("openssl"),
            arguments: [
                "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1",
                "-nodes", "-days", "2", "-subj", "/CN=test", "-addext",
                "subjectAltName=IP:127.0.0.1", "-out", certificate, "-keyout", key,
            ], output: .discarded)
        try #require(made.terminationStatus.isSuccess)
        _ = try await Subprocess.run(
            .name("openssl"),
            arguments: [
                "s_server", "-accept", "127.0.0.1:0", "-cert", certificate, "-key", key, "-www",
            ], input: .none, output: .sequence, error: .discarded
        ) { execution in
            // "ACCEPT 127.0.0.1:40123" when the server listens.
            var url: String?
            for try await line in execution.standardOutput.strings() {
                guard line.hasPrefix("ACCEPT ") else { continue }
                url = "https://\(line.dropFirst(7).prefix { !$0.isNewline })/"
                break
            }
            let server = Server(
                certificate: certificate,
                url: try #require(url, "openssl s_server must listen"),
                process: execution.processIdentifier)
            try await body(server)
            try execution.send(signal: .terminate)
        }
        try FileManager.default.removeItem(at: folder)
    }

    @Test func `is started with no signal blocked, and ends with its scope`() async throws {
        var process: ProcessIdentifier?
        try await withServer { server in
            process = server.process
            let status = try String(
                contentsOfFile: "/proc/\(server.process.value)/status", encoding: .utf8)
            let mask = try #require(
                status.split(separator: "\n").first { $0.hasPrefix("SigBlk:") })
            #expect(mask.dropFirst(7).allSatisfy { $0 == "0" || $0.isWhitespace })
        }
        let ended = try #require(process)
        #expect(!FileManager.default.fileExists(atPath: "/proc/\(ended.value)"))
    }

    @Test func `is trusted by its certificate, from a file or by value`() async throws {
        try await withServer { server in
            let pem = Array(try Foundation.Data(contentsOf: URL(filePath: server.certificate)))
            for trust in [HTTPTrust.file(server.certificate), .certificates(pem)] {
                for transport in [OneShotTransport(trust: trust), MultiTransport(trust: trust)]
                    as [any HTTPTransport]
                {
                    let response = try await transport.send(HTTPRequest(.get, server.url))
                    #expect(response.status == 200)
                }
            }
        }
    }

    @Test(arguments: [HTTPTrust.system, .amazon])
    func `is refused when no trusted root signed its certificate`(_ trust: HTTPTrust) async throws {
        try await withServer { server in
            for transport in [OneShotTransport(trust: trust), MultiTransport(trust: trust)]
                as [any HTTPTransport]
            {
                let error = await #expect(throws: HTTPError.self) {
                    try await transport.send(HTTPRequest(.get, server.url))
                }
                #expect(error?.kind == .tls)
                #expect(error?.isRetryable == false)
            }
        }
    }

    @Test(arguments: [
        ([:], HTTPTrust.amazon),
        (["SSL_CERT_FILE": "/a"], .file("/a")),
        (["SSL_CERT_FILE": "/a", "CURL_CA_BUNDLE": "/b"], .file("/b")),
        (["CURL_CA_BUNDLE": "/b", "AWS_CA_BUNDLE": "/c"], .file("/c")),
        (["AWS_CA_BUNDLE": ""], .amazon),
    ])
    func `is checked against the bundle that the environment names`(
        _ environment: [String: String], _ trust: HTTPTrust
    ) {
        #expect(HTTPTrust(environment: environment, else: .amazon) == trust)
    }
}
