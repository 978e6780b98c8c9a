extension S3 {
    /// The place of an object.
    package struct Object: Hashable, Sendable, CustomStringConvertible {
        package let bucket: String
        /// Not percent-encoded.
        package let key: String
        /// `nil` for the latest version.
        package let version: String?

        package init(bucket: String, key: String, version: String? = nil) {
            self.bucket = bucket
            self.key = key
            self.version = version
        }

        package var description: String { "s3://\(bucket)/\(key)" }
    }

    /// The headers of an object.
    package struct Head: Hashable, Sendable {
        /// The size of the whole object in bytes, also in the answer to a range.
        package let size: Int64
        /// With its quotes, as `ifMatch` takes it.
        package let etag: String
        /// `nil` in a bucket without versions.
        package let version: String?
        package let contentType: String?
        /// User metadata. The names are lower case, without `x-amz-meta-`.
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

    /// An object, or a range of its bytes, in memory.
    package struct Content: Hashable, Sendable {
        package let head: Head
        package let bytes: [UInt8]

        package init(head: Head, bytes: [UInt8]) {
            self.head = head
            self.bytes = bytes
        }
    }

    /// The bytes to store.
    package enum Source: Hashable, Sendable {
        case bytes([UInt8])
        /// A whole file. It must not change during the upload.
        case file(String)
    }

    /// The headers to store with an object.
    package struct Label: Hashable, Sendable {
        package var contentType: String
        /// S3 makes the names lower case. Names and values are printable ASCII, as HTTP headers
        /// demand.
        package var metadata: [String: String]

        package init(
            contentType: String = "application/octet-stream", metadata: [String: String] = [:]
        ) {
            self.contentType = contentType
            self.metadata = metadata
        }
    }

    /// The ETag and version of an object that S3 has stored.
    package struct Stored: Hashable, Sendable {
        package let etag: String
        package let version: String?

        package init(etag: String, version: String?) {
            self.etag = etag
            self.version = version
        }
    }

    /// A file to upload.
    package struct FileUpload: Hashable, Sendable {
        package let path: String
        package let object: Object
        package let label: Label
        package let plan: MultipartPlan

        package init(
            _ path: String, to object: Object, label: Label = Label(),
            plan: MultipartPlan = MultipartPlan()
        ) {
            self.path = path
            self.object = object
            self.label = label
            self.plan = plan
        }
    }

    /// The file that receives an object.
    package struct Download: Hashable, Sendable {
        package let path: String
        /// Where in the file the first byte is written.
        package let offset: Int64
        /// The largest length that is expected, in bytes. It sets the time limit.
        package let lengthMax: Int64

        package init(_ path: String, offset: Int64 = 0, lengthMax: Int64) {
            self.path = path
            self.offset = offset
            self.lengthMax = lengthMax
        }
    }
}
