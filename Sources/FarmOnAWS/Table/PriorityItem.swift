internal import AWS
internal import Farm

/// A priority in a job's or task's item. The normal priority is not stored.
enum PriorityItem {
    static func attribute(_ priority: JobPriority) -> AttributeValue? {
        priority == .normal ? nil : .s(priority.rawValue)
    }

    static func priority(_ reader: ItemReader) throws(PortError) -> JobPriority {
        guard let text = try reader.optionalString("priority") else { return .normal }
        guard let priority = JobPriority(rawValue: text) else {
            throw reader.malformed("priority")
        }
        return priority
    }
}
