internal import CCurl

/// A libcurl handle for one transfer at a time. Every option that matters is set explicitly.
///
/// A reused handle keeps its TLS sessions and, outside a `MultiTransport`, its open connections.
/// Two threads must not use it at the same time: each owner's comment says how it prevents that.
@safe final class EasyHandle {
    /// Initializes libcurl's global state, once, before the first handle.
    private static let isReady = curl_global_init(Int(CURL_GLOBAL_DEFAULT)) == CURLE_OK

    let curl: UnsafeMutableRawPointer
    /// libcurl's identifier of this handle in its messages.
    var id: UInt { unsafe UInt(bitPattern: curl) }
    private let errorText: UnsafeMutablePointer<CChar>
    private var headerList: UnsafeMutablePointer<curl_slist>?

    init() {
        precondition(EasyHandle.isReady, "libcurl could not start: there is no memory")
        guard let curl = unsafe curl_easy_init() else {
            preconditionFailure("libcurl could not make a handle: there is no memory")
        }
        unsafe self.curl = unsafe curl
        unsafe errorText = .allocate(capacity: Int(CURL_ERROR_SIZE))
        unsafe errorText.initialize(repeating: 0, count: Int(CURL_ERROR_SIZE))
    }

    deinit {
        unsafe curl_easy_cleanup(curl)
        unsafe curl_slist_free_all(headerList)
        unsafe errorText.deallocate()
    }

    /// Prepares the handle for a transfer. libcurl may call the transfer's callbacks until it is
    /// done.
    ///
    /// The handle does not keep the transfer alive.
    func prepare(_ transfer: Transfer, options: Options) throws(HTTPError) {
        let request = transfer.request
        guard request.isSendable else {
            throw transfer.error(
                .other, "the URL or a header has a control character")
        }
        unsafe curl_easy_reset(curl)
        unsafe errorText[0] = 0
        unsafe setPointer(CURLOPT_ERRORBUFFER, errorText)
        setConnection(options)
        setTrust(options.trust)
        setBounds(request.bounds)
        set(CURLOPT_URL, request.url)
        setMethod(request)
        setHeaders(request)
        setCallbacks(transfer)
    }

    /// libcurl's message for a failed transfer.
    func message(for code: CURLcode) -> String {
        if unsafe errorText[0] != 0 { return unsafe String(cString: errorText) }
        return unsafe String(cString: curl_easy_strerror(code))
    }

    // MARK: Options

    struct Options: Sendable {
        let trust: HTTPTrust
        /// An idle connection older than this is not used again.
        let idleMax: Duration
        /// How many connections a single handle keeps open. A multi handle has its own bound.
        let connectionsMax: Int
    }

    private func setConnection(_ options: Options) {
        set(CURLOPT_NOSIGNAL, 1)
        set(CURLOPT_PROXY, "")
        set(CURLOPT_HTTP_VERSION, CURL_HTTP_VERSION_1_1)
        set(CURLOPT_PROTOCOLS_STR, "http,https")
        set(CURLOPT_FOLLOWLOCATION, 0)
        // Object keys may contain `/../`, and the path must be sent as it was signed.
        set(CURLOPT_PATH_AS_IS, 1)
        set(CURLOPT_TCP_NODELAY, 1)
        set(CURLOPT_TCP_KEEPALIVE, 1)
        set(CURLOPT_MAXAGE_CONN, options.idleMax.wholeSeconds)
        set(CURLOPT_MAXCONNECTS, options.connectionsMax)
    }

    private func setTrust(_ trust: HTTPTrust) {
        set(CURLOPT_SSL_VERIFYPEER, 1)
        set(CURLOPT_SSL_VERIFYHOST, 2)
        set(CURLOPT_SSLVERSION, CURL_SSLVERSION_TLSv1_2)
        switch trust {
        case .system:
            if let path = HTTPTrust.systemBundle { set(CURLOPT_CAINFO, path) }
        case .file(let path):
            set(CURLOPT_CAINFO, path)
        case .certificates(let pem):
            unsafe pem.withUnsafeBytes { bytes in
                guard let base = bytes.baseAddress else { return }
                unsafe check(ccurl_set_blob(curl, CURLOPT_CAINFO_BLOB, base, bytes.count))
            }
        }
    }

    private func setBounds(_ bounds: HTTPBounds) {
        set(CURLOPT_CONNECTTIMEOUT_MS, bounds.connect?.wholeMilliseconds ?? 0)
        set(CURLOPT_TIMEOUT_MS, bounds.total?.wholeMilliseconds ?? 0)
        guard let stall = bounds.stall else { return }
        set(CURLOPT_LOW_SPEED_LIMIT, 1)
        set(CURLOPT_LOW_SPEED_TIME, stall.wholeSeconds)
    }

    private func setMethod(_ request: HTTPRequest) {
        switch request.body {
        case .none:
            switch request.method {
            case .get: set(CURLOPT_HTTPGET, 1)
            case .head: set(CURLOPT_NOBODY, 1)
            case .delete: break
            case .put, .post: setBody([])
            }
        case .bytes(let bytes):
            setBody(bytes)
        case .file(_, _, let length):
            set(CURLOPT_UPLOAD, 1)
            setOffset(CURLOPT_INFILESIZE_LARGE, length)
            set(CURLOPT_UPLOAD_BUFFERSIZE, HTTPLimits.streamBufferBytes)
        }
        if case .file = request.sink { set(CURLOPT_BUFFERSIZE, HTTPLimits.streamBufferBytes) }
        if request.method != .head { set(CURLOPT_CUSTOMREQUEST, request.method.rawValue) }
    }

    /// Sets the size first, so that libcurl copies this number of bytes and does not stop at a
    /// zero.
    private func setBody(_ bytes: [UInt8]) {
        setOffset(CURLOPT_POSTFIELDSIZE_LARGE, Int64(bytes.count))
        unsafe bytes.withUnsafeBytes { bytes in
            unsafe setPointer(
                CURLOPT_COPYPOSTFIELDS, bytes.baseAddress ?? UnsafeRawPointer(errorText))
        }
    }

    private func setHeaders(_ request: HTTPRequest) {
        unsafe curl_slist_free_all(headerList)
        unsafe headerList = nil
        // A name with a bare colon removes a header that libcurl would add. `Expect` would cost a
        // round trip, or a second with a server that ignores it.
        for name in ["Accept", "Content-Type", "Expect"] {
            let isGiven = request.headers.contains { $0.name.lowercased() == name.lowercased() }
            if !isGiven { append("\(name):") }
        }
        for field in request.headers {
            // With a semicolon, libcurl sends a header without a value.
            append(field.value.isEmpty ? "\(field.name);" : "\(field.name): \(field.value)")
        }
        unsafe setPointer(CURLOPT_HTTPHEADER, headerList)
    }

    private func append(_ line: String) {
        guard let list = unsafe curl_slist_append(headerList, line) else {
            preconditionFailure("libcurl could not add a header line: there is no memory")
        }
        unsafe headerList = unsafe list
    }

    // MARK: Callbacks

    private func setCallbacks(_ transfer: Transfer) {
        let context = unsafe UnsafeRawPointer(Unmanaged.passUnretained(transfer).toOpaque())
        unsafe setPointer(CURLOPT_HEADERDATA, context)
        unsafe setTransfer(CURLOPT_HEADERFUNCTION) { bytes, size, count, context in
            unsafe transferOf(context).receiveHeader(
                UnsafeRawBufferPointer(start: bytes, count: size * count))
        }
        unsafe setPointer(CURLOPT_WRITEDATA, context)
        unsafe setTransfer(CURLOPT_WRITEFUNCTION) { bytes, size, count, context in
            unsafe transferOf(context).receiveBody(
                UnsafeRawBufferPointer(start: bytes, count: size * count))
        }
        unsafe setPointer(CURLOPT_XFERINFODATA, context)
        unsafe check(
            ccurl_set_progress(curl) { context, _, _, _, _ in
                unsafe transferOf(context).isCanceled ? 1 : 0
            })
        set(CURLOPT_NOPROGRESS, 0)
        guard case .file = transfer.request.body else { return }
        unsafe setPointer(CURLOPT_READDATA, context)
        unsafe setTransfer(CURLOPT_READFUNCTION) { bytes, size, count, context in
            unsafe transferOf(context).readBody(
                UnsafeMutableRawBufferPointer(start: bytes, count: size * count))
        }
        unsafe setPointer(CURLOPT_SEEKDATA, context)
        unsafe check(
            ccurl_set_seek(curl) { context, offset, origin in
                unsafe transferOf(context).seekBody(to: Int64(offset), origin: origin)
            })
    }

    // MARK: Typed setters

    private func set(_ option: CURLoption, _ value: Int) {
        unsafe check(ccurl_set_long(curl, option, value))
    }

    private func setOffset(_ option: CURLoption, _ value: Int64) {
        unsafe check(ccurl_set_offset(curl, option, Int(value)))
    }

    private func set(_ option: CURLoption, _ value: String) {
        unsafe check(ccurl_set_string(curl, option, value))
    }

    private func setPointer(_ option: CURLoption, _ value: UnsafeRawPointer?) {
        unsafe check(ccurl_set_pointer(curl, option, value))
    }

    private func setTransfer(
        _ option: CURLoption, _ callback: @escaping ccurl_transfer_callback
    ) {
        unsafe check(ccurl_set_transfer(curl, option, callback))
    }

    private func check(_ code: CURLcode) {
        precondition(
            code == CURLE_OK, "libcurl does not know an option: version 7.85 or later is needed")
    }
}

/// The transfer of a callback. It is alive, because its owner holds it until it is done.
@unsafe private func transferOf(_ context: UnsafeMutableRawPointer?) -> Transfer {
    guard let context = unsafe context else {
        preconditionFailure("A callback is always set together with its transfer.")
    }
    return unsafe Unmanaged<Transfer>.fromOpaque(context).takeUnretainedValue()
}

extension HTTPRequest {
    /// Whether a text has a control character. A line break would begin another header or request.
    fileprivate var isSendable: Bool {
        let isName = { (name: String) in
            !name.isEmpty && name.utf8.allSatisfy { $0 > 0x20 && $0 < 0x7F && $0 != 0x3A }
        }
        let isText = { (text: String) in text.utf8.allSatisfy { $0 >= 0x20 && $0 != 0x7F } }
        let isURL = url.utf8.allSatisfy { $0 > 0x20 && $0 < 0x7F }
        return isURL && headers.allSatisfy { isName($0.name) && isText($0.value) }
    }
}

extension Duration {
    /// Rounded up, and at least one, because zero means "no bound" in libcurl.
    fileprivate var wholeMilliseconds: Int {
        let parts = components
        let milliseconds = parts.seconds.multipliedReportingOverflow(by: 1000)
        let fraction = (parts.attoseconds + 999_999_999_999_999) / 1_000_000_000_000_000
        let countMax = Int64(Int32.max)
        guard !milliseconds.overflow, milliseconds.partialValue < countMax else {
            return Int(countMax)
        }
        return Int(max(1, milliseconds.partialValue + fraction))
    }

    /// Rounded up, and at least one, because zero means "no bound" in libcurl.
    fileprivate var wholeSeconds: Int {
        let parts = components
        let seconds = min(parts.seconds, Int64(Int32.max) - 1)
        return Int(max(1, seconds + (parts.attoseconds > 0 ? 1 : 0)))
    }
}
