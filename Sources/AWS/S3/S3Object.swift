extension S3 {
    /// Where an object is.
    package struct Object: Hashable, Sendable, CustomStringConvertible {
        package let bucket: String
        /// As it is, not encoded.
        package let key: String
        /// `nil` for the latest.
        package let version: String?

        package init(bucket: String, key: String, version: String? = nil) {
            self.bucket = bucket
            self.key = key
            self.version = version
        }

        package var description: String { "s3://\(bucket)/\(key)" }
    }

    /// What S3 says of an object in headers.
    package struct Head: Hashable, Sendable {
        /// Bytes of the whole object, also in the answer to a range.
        package let size: Int64
        /// In its quotes: `ifMatch` takes it as it stands.
        package let etag: String
        /// `nil` in a bucket without versions.
        package let version: String?
        package let contentType: String?
        /// The user's own, by name in lower case, without `x-amz-meta-`.
        package let metadata: [String: String]

        package init(
            size: Int64, etag: String, version: String?, contentType: String?,
            metadata: [String: String]
        ) {
            self.size = size
            self.etag = etag
            self.version = version
            self.contentType = contentType
            self.metadata = metadata
        }
    }

    /// An object, or a range of it, in memory.
    package struct Content: Hashable, Sendable {
        package let head: Head
        package let bytes: [UInt8]

        package init(head: Head, bytes: [UInt8]) {
            self.head = head
            self.bytes = bytes
        }
    }

    /// What is put.
    package enum Source: Hashable, Sendable {
        case bytes([UInt8])
        /// The whole file. It must not change meanwhile.
        case file(String)
    }

    /// What goes with an object.
    package struct Label: Hashable, Sendable {
        package var contentType: String
        /// Names become lower case. Printable ASCII only: HTTP headers hold no more.
        package var metadata: [String: String]

        package init(
            contentType: String = "application/octet-stream", metadata: [String: String] = [:]
        ) {
            self.contentType = contentType
            self.metadata = metadata
        }
    }

    /// An object as S3 has put it away.
    package struct Stored: Hashable, Sendable {
        package let etag: String
        package let version: String?

        package init(etag: String, version: String?) {
            self.etag = etag
            self.version = version
        }
    }
}
