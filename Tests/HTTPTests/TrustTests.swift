import Foundation
import HTTP
import Testing

@Suite struct `An https server` {
    /// `openssl s_server` with a certificate of its own for 127.0.0.1, until the test is over.
    private final class Server {
        let certificate: String
        let url: String
        private let process = Process()

        init() throws {
            let folder = FileManager.default.temporaryDirectory.appending(path: UUID().uuidString)
            try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
            certificate = folder.appending(path: "certificate.pem").path
            let key = folder.appending(path: "key.pem").path
            let maker = Process()
            maker.executableURL = URL(filePath: "/usr/bin/openssl")
            maker.arguments = [
                "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1",
                "-nodes", "-days", "2", "-subj", "/CN=test", "-addext",
                "subjectAltName=IP:127.0.0.1", "-out", certificate, "-keyout", key,
            ]
            maker.standardError = FileHandle.nullDevice
            try maker.run()
            maker.waitUntilExit()
            process.executableURL = maker.executableURL
            process.arguments = [
                "s_server", "-accept", "127.0.0.1:0", "-cert", certificate, "-key", key, "-www",
            ]
            let output = Pipe()
            process.standardOutput = output
            process.standardError = FileHandle.nullDevice
            try process.run()
            // "ACCEPT 127.0.0.1:40123" once it listens; the end of its output if it can't.
            var text = ""
            while true {
                let more = output.fileHandleForReading.availableData
                text += String(decoding: more, as: UTF8.self)
                let lines = text.split(separator: "\n", omittingEmptySubsequences: false)
                if let line = lines.dropLast().first(where: { $0.hasPrefix("ACCEPT ") }) {
                    url = "https://\(line.dropFirst(7))/"
                    return
                }
                try #require(!more.isEmpty, "openssl s_server must listen")
            }
        }

        deinit { process.terminate() }
    }

    @Test func `is believed by its certificate, from a file or by value`() async throws {
        let server = try Server()
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

    @Test(arguments: [HTTPTrust.system, .amazon])
    func `is refused when nobody we trust vouches for it`(_ trust: HTTPTrust) async throws {
        let server = try Server()
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

    @Test(arguments: [
        ([:], HTTPTrust.amazon),
        (["SSL_CERT_FILE": "/a"], .file("/a")),
        (["SSL_CERT_FILE": "/a", "CURL_CA_BUNDLE": "/b"], .file("/b")),
        (["CURL_CA_BUNDLE": "/b", "AWS_CA_BUNDLE": "/c"], .file("/c")),
        (["AWS_CA_BUNDLE": ""], .amazon),
    ])
    func `is judged by the bundle that the environment names`(
        _ environment: [String: String], _ trust: HTTPTrust
    ) {
        #expect(HTTPTrust(environment: environment, else: .amazon) == trust)
    }
}
