internal import CCurl
import Glibc
import Synchronization

/// The state of one transfer while libcurl carries it out.
///
/// It is Sendable because it is handed over: the sender makes it, then only the thread that drives
/// its handle uses it, and the sender reads it again after that thread has returned the result.
/// Only `cancellation` is shared.
final class Transfer: @unchecked Sendable {
    let request: HTTPRequest
    private let cancellation = Atomic(false)
    private let isTaskAsked: Bool

    private var status = 0
    private var headers: [HTTPField] = []
    private var headerBytes = 0
    private var body: [UInt8] = []
    private var writtenBytes: Int64 = 0
    private var readBytes: Int64 = 0
    private var source: Int32 = -1
    private var sink: Int32 = -1
    /// An error found in a callback. libcurl itself only reports that the callback failed.
    private var fault: HTTPError?

    /// - Parameter isTaskAsked: whether the thread that drives the transfer runs the sender's task.
    ///   Then canceling the task ends the transfer.
    init(_ request: HTTPRequest, isTaskAsked: Bool) {
        self.request = request
        self.isTaskAsked = isTaskAsked
    }

    deinit { closeFiles() }

    func cancel() { cancellation.store(true, ordering: .relaxed) }

    var isCanceled: Bool {
        cancellation.load(ordering: .relaxed) || (isTaskAsked && Task.isCancelled)
    }

    /// Opens the body's file, so that a missing file is not reported as a network error.
    func begin() throws(HTTPError) {
        guard case .file(let path, _, let length) = request.body else { return }
        guard length >= 0 else { throw error(.file, "the length of \(path) is negative") }
        source = unsafe open(path, O_RDONLY | O_CLOEXEC)
        guard source >= 0 else { throw fileError("open", path) }
    }

    /// The answer, when libcurl has finished.
    func finish(_ code: CURLcode, _ message: @autoclosure () -> String) throws(HTTPError)
        -> HTTPResponse
    {
        defer { closeFiles() }
        if let fault { throw fault }
        guard code == CURLE_OK else {
            let kind = isCanceled ? .canceled : HTTPError.Kind(code)
            // The caller made a wrong URL. A retry can't help.
            let isOurs = code == CURLE_URL_MALFORMAT || code == CURLE_UNSUPPORTED_PROTOCOL
            throw error(kind, message(), code: isOurs ? CURLE_OK : code)
        }
        // An empty 2xx body also creates a file.
        if (200..<300).contains(status), case .file(let path, _) = request.sink, sink < 0 {
            try openSink(path)
        }
        if sink >= 0, case .file(let path, _) = request.sink {
            let descriptor = sink
            sink = -1
            guard close(descriptor) == 0 else { throw fileError("close", path) }
        }
        return HTTPResponse(status: status, headers: headers, body: body)
    }

    func error(_ kind: HTTPError.Kind, _ message: String, code: CURLcode = CURLE_OK) -> HTTPError {
        let path = request.url.prefix { $0 != "?" && $0 != "#" }
        return HTTPError(
            kind: kind, code: Int32(code.rawValue),
            operation: "\(request.method.rawValue) \(path)", message: message)
    }

    // MARK: libcurl's callbacks

    /// Takes one header line. Returns the number of bytes taken. Fewer than given end the transfer.
    func receiveHeader(_ line: UnsafeRawBufferPointer) -> Int {
        headerBytes += line.count
        guard headerBytes <= HTTPLimits.headerBytesMax else {
            fault = error(.bodyTooLarge, "headers beyond \(HTTPLimits.headerBytesMax) bytes")
            return 0
        }
        let text = unsafe String(decoding: line, as: UTF8.self)
        if text.hasPrefix("HTTP/") {
            // A new answer begins. The one before was an interim answer (100, 103).
            let words = text.split(separator: " ", maxSplits: 2)
            status = words.count > 1 ? Int(words[1].prefix { $0.isNumber }) ?? 0 : 0
            headers = []
        } else if let colon = text.utf8.firstIndex(of: UInt8(ascii: ":")) {
            let value = text[text.index(after: colon)...].trimmingASCIISpace()
            headers.append(HTTPField(String(text[..<colon]), String(value)))
        }
        return line.count
    }

    /// Takes bytes of the body. Returns the number of bytes taken. Fewer than given end the
    /// transfer.
    func receiveBody(_ bytes: UnsafeRawBufferPointer) -> Int {
        guard (200..<300).contains(status) else {
            let room = max(0, HTTPLimits.errorBytesMax - body.count)
            unsafe body.append(contentsOf: bytes.prefix(room))
            return bytes.count
        }
        do throws(HTTPError) {
            switch request.sink {
            case .memory(let countMax):
                guard body.count + bytes.count <= countMax else {
                    throw error(.bodyTooLarge, "the answer is longer than \(countMax) bytes")
                }
                if body.isEmpty { reserve(countMax) }
                unsafe body.append(contentsOf: bytes)
            case .file(let path, let offset):
                if sink < 0 { try openSink(path) }
                try unsafe write(bytes, to: path, at: offset)
            }
            return bytes.count
        } catch {
            fault = error
            return 0
        }
    }

    /// Reads the next bytes of the body's file. Returns 0 at its end.
    func readBody(_ buffer: UnsafeMutableRawBufferPointer) -> Int {
        guard case .file(let path, let offset, let length) = request.body else { return 0 }
        let wanted = min(Int64(buffer.count), length - readBytes)
        guard wanted > 0 else { return 0 }
        let count = unsafe pread(source, buffer.baseAddress, Int(wanted), Int(offset + readBytes))
        guard count > 0 else {
            fault =
                count < 0
                ? fileError("read", path)
                : error(.file, "\(path) ended \(length - readBytes) bytes early")
            return Int(CURL_READFUNC_ABORT)
        }
        readBytes += Int64(count)
        return count
    }

    /// Goes back to the body's start. libcurl sends again when an idle connection turns out closed.
    func seekBody(to offset: Int64, origin: Int32) -> Int32 {
        guard origin == SEEK_SET else { return Int32(CURL_SEEKFUNC_CANTSEEK) }
        readBytes = offset
        return Int32(CURL_SEEKFUNC_OK)
    }

    // MARK: Files

    private func reserve(_ countMax: Int) {
        let length = headers.last { $0.name.lowercased() == "content-length" }
        guard let length, let count = Int(length.value), count > 0 else { return }
        body.reserveCapacity(min(count, countMax, HTTPLimits.reservedBytesMax))
    }

    private func openSink(_ path: String) throws(HTTPError) {
        sink = unsafe open(path, O_WRONLY | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0o644)
        guard sink >= 0 else { throw fileError("open", path) }
    }

    private func write(_ bytes: UnsafeRawBufferPointer, to path: String, at offset: Int64)
        throws(HTTPError)
    {
        var done = 0
        while done < bytes.count {
            let rest = unsafe UnsafeRawBufferPointer(rebasing: bytes[done...])
            let count = unsafe pwrite(
                sink, rest.baseAddress, rest.count, Int(offset + writtenBytes))
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { throw fileError("write", path) }
            done += count
            writtenBytes += Int64(count)
        }
    }

    private func fileError(_ call: String, _ path: String) -> HTTPError {
        error(.file, "can't \(call) \(path): \(unsafe String(cString: strerror(errno)))")
    }

    private func closeFiles() {
        if source >= 0 { close(source) }
        if sink >= 0 { close(sink) }
        source = -1
        sink = -1
    }
}

extension Substring {
    fileprivate func trimmingASCIISpace() -> Substring {
        let isSpace = { (c: Character) in c == " " || c == "\t" || c.isNewline }
        var rest = drop(while: isSpace)
        while let last = rest.last, isSpace(last) { rest.removeLast() }
        return rest
    }
}
