package import Farm

extension FarmReport {
    package var billTable: ReportTable {
        var rows = bill.lines.map {
            [$0.item.words, quantity($0), price($0), $0.amount.decimal(9)]
        }
        rows.append(["total", "", "", bill.total.decimal(9)])
        return ReportTable(
            "Bill", columns: ["item", "quantity", "price", "USD"], rows: rows, notes: billNotes,
            textColumnCount: 3)
    }

    private func quantity(_ line: Bill.Line) -> String {
        switch line.item {
        case .spotInstances, .onDemandInstances:
            "\(counted(line.count, "instance")), \(hours(line.duration)) h"
        case .firstHour: counted(line.count, "instance")
        case .disks: "\(hours(line.duration)) GiB-hours"
        case .puts, .tableWrites, .queueRequests: "\(line.count)"
        }
    }

    private func price(_ line: Bill.Line) -> String {
        let usage = book.usage
        switch line.item {
        case .spotInstances: return "as each instance recorded it"
        case .onDemandInstances: return "the On-Demand table's"
        case .firstHour: return "given back by EC2"
        case .disks: return "\(usage.diskPerGiBMonth.decimal(3)) a GiB and 30 days"
        case .puts: return "\(usage.thousandPuts.decimal(4)) a thousand"
        case .tableWrites: return "\(usage.millionTableWrites.decimal(3)) a million"
        case .queueRequests: return "\(usage.millionQueueRequests.decimal(3)) a million"
        }
    }

    private var billNotes: [String] {
        var notes = [
            "By the second, 60 s at least; for each of an instance's hours the price where it began."
        ]
        notes.append(
            rules.isFirstHourFree
                ? "A Spot instance that EC2 takes back in its first hour is free."
                : "The first hour is counted although EC2 gives it back (--charge-first-hour).")
        notes.append(
            "On-Demand prices: \(book.onDemandSource). Usage prices: \(book.usage.source).")
        notes.append(
            "Requests: those that attempts are known to make. Renewals, polls, functions, logs and"
                + " traffic are not in it.")
        if runningCount > 0 {
            notes.append(
                "Still running: \(counted(runningCount, "instance")). Their bill is as of \(now.utc)."
            )
        }
        if bill.unpricedCount > 0 {
            notes.append(
                "Without a known price: \(counted(bill.unpricedCount, "instance")). They count as nothing,"
                    + " so the bill is higher.")
        }
        if bill.unlistedCount > 0 {
            notes.append(
                "Without an On-Demand price in the table (it is of \(book.region) only):"
                    + " \(counted(bill.unlistedCount, "instance")).")
        }
        if unrecordedCount > 0 {
            notes.append(
                "Without a record any more: \(counted(unrecordedCount, "instance")). They count for the"
                    + " time of their attempts only.")
        }
        return notes
    }
}

extension Bill.Item {
    package var words: String {
        switch self {
        case .spotInstances: "Spot instances"
        case .onDemandInstances: "On-Demand instances"
        case .firstHour: "taken back in the first hour"
        case .disks: "disks (EBS gp3)"
        case .puts: "pictures and logs stored (S3 PUT)"
        case .tableWrites: "leases and their ends (DynamoDB write units)"
        case .queueRequests: "messages (SQS requests)"
        }
    }
}
