internal import HTTP

extension S3 {
    /// An object in a listing. `size` is in bytes.
    package struct Entry: Hashable, Sendable {
        package let key: String
        package let size: Int64
        package let etag: String
        package let modified: UTCTime

        package init(key: String, size: Int64, etag: String, modified: UTCTime) {
            self.key = key
            self.size = size
            self.etag = etag
            self.modified = modified
        }
    }

    /// One page of a listing: up to 1,000 entries, sorted by the bytes of their keys.
    package struct Listing: Hashable, Sendable {
        package let entries: [Entry]
        /// The token of the next page, or `nil` at the end.
        package let next: String?

        package init(entries: [Entry], next: String?) {
            self.entries = entries
            self.next = next
        }
    }

    /// Reads one page of a listing.
    ///
    /// - Parameters:
    ///   - token: `next` of the page before, or `nil` for the first page.
    ///   - countMax: 1 to 1,000.
    package func listObjects(
        bucket: String, prefix: String = "", after token: String? = nil, countMax: Int = 1000
    ) async throws(AWSError) -> Listing {
        let operation = "ListObjectsV2"
        // Keys may hold characters that XML can't, so S3 percent-encodes them.
        var query = [
            (name: "encoding-type", value: "url"), (name: "list-type", value: "2"),
            (name: "max-keys", value: String(countMax)), (name: "prefix", value: prefix),
        ]
        if let token { query.append((name: "continuation-token", value: token)) }
        let response = try await send(
            Request(
                operation, action: "s3:ListBucket", .get, Object(bucket: bucket, key: ""),
                query: query))
        let root = try xml(response, operation)
        let isEncoded = root["EncodingType"]?.text == "url"
        var entries: [Entry] = []
        for element in root.all("Contents") {
            guard let key = element["Key"]?.text,
                let decoded = isEncoded ? PercentEncoding.decode(key) : key,
                let size = element["Size"].flatMap({ Int64($0.text) }),
                let time = element["LastModified"].flatMap({ UTCTime(iso8601: $0.text) })
            else { throw service.missing("key, size or time", in: operation) }
            entries.append(
                Entry(key: decoded, size: size, etag: element["ETag"]?.text ?? "", modified: time))
        }
        let isTruncated = root["IsTruncated"]?.text == "true"
        return Listing(
            entries: entries, next: isTruncated ? root["NextContinuationToken"]?.text : nil)
    }

    /// Reads pages until the end, or until there are `countMax` entries. `isComplete` is true at
    /// the end.
    package func listAllObjects(
        bucket: String, prefix: String = "", countMax: Int
    ) async throws(AWSError) -> (entries: [Entry], isComplete: Bool) {
        var entries: [Entry] = []
        var token: String?
        for _ in 0..<max(1, countMax) {
            let page = try await listObjects(bucket: bucket, prefix: prefix, after: token)
            entries += page.entries
            guard let next = page.next else { return (entries, true) }
            guard entries.count < countMax else { break }
            token = next
        }
        return (entries, false)
    }
}
