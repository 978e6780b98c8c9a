internal import AWS
package import Farm

/// Notices in the table, next to their worker.
package struct DynamoDBNoticeStore: NoticeStore {
    private let table: FarmTable

    package init(_ table: FarmTable) {
        self.table = table
    }

    package func record(_ notice: NoticeRecord) async throws(PortError) {
        let put = DynamoDB.Put(
            table: table.name, item: table.expiring(NoticeItem.item(notice), from: notice.time),
            condition: "attribute_not_exists(\(Attribute.partition))")
        // `false` means a repeated event. The first record has the responses.
        _ = try await table.put(put, "record a notice of \(notice.worker)")
    }

    package func notices(of worker: WorkerID) async throws(PortError) -> [NoticeRecord] {
        let items = try await table.queryWhole(
            DynamoDB.Query(
                table: table.name,
                keyCondition: "\(Attribute.partition) = :worker AND "
                    + "begins_with(\(Attribute.sort), :prefix)",
                values: [
                    ":worker": .s(Key.partition(worker)), ":prefix": .s(Key.noticePrefix),
                ],
                isConsistent: true),
            "list notices of \(worker)")
        return try table.readable(items) { item throws(PortError) in
            try NoticeItem.notice(item)
        }
    }
}
