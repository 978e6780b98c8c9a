internal import CCurl

extension HTTPError.Kind {
    /// The kind of error for a CURLcode, by which a caller decides whether to retry.
    init(_ code: CURLcode) {
        self =
            switch code {
            case CURLE_COULDNT_RESOLVE_HOST, CURLE_COULDNT_RESOLVE_PROXY: .resolve
            // The handshake broke off. A refused certificate has other codes.
            case CURLE_COULDNT_CONNECT, CURLE_SSL_CONNECT_ERROR: .connect
            case CURLE_OPERATION_TIMEDOUT: .timeout
            case CURLE_PEER_FAILED_VERIFICATION, CURLE_SSL_CERTPROBLEM, CURLE_SSL_CIPHER,
                CURLE_SSL_CACERT_BADFILE, CURLE_SSL_ISSUER_ERROR, CURLE_SSL_INVALIDCERTSTATUS,
                CURLE_USE_SSL_FAILED:
                .tls
            case CURLE_GOT_NOTHING, CURLE_SEND_ERROR, CURLE_RECV_ERROR, CURLE_PARTIAL_FILE:
                .interrupted
            case CURLE_READ_ERROR, CURLE_WRITE_ERROR: .file
            case CURLE_ABORTED_BY_CALLBACK: .canceled
            default: .other
            }
    }
}
