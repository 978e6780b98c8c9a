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
            "\(Format.count(line.count, "instance")), \(Format.hours(line.duration)) h"
        case .firstHour: Format.count(line.count, "instance")
        case .disks: "\(Format.hours(line.duration)) GiB-hours"
        case .puts, .tableWrites, .queueRequests: "\(line.count)"
        }
    }

    private func price(_ line: Bill.Line) -> String {
        let usage = book.usage
        switch line.item {
        case .spotInstances: return "as recorded by each instance"
        case .onDemandInstances: return "On-Demand table"
        case .firstHour: return "refunded by EC2"
        case .disks: return "\(usage.diskPerGiBMonth.decimal(3)) per GiB and 30 days"
        case .puts: return "\(usage.thousandPuts.decimal(4)) per thousand"
        case .tableWrites: return "\(usage.millionTableWrites.decimal(3)) per million"
        case .queueRequests: return "\(usage.millionQueueRequests.decimal(3)) per million"
        }
    }

    private var billNotes: [String] {
        var notes = [
            "Billed by the second, at least 60 s. Each hour of an instance has the price in force when the"
                + " hour began."
        ]
        notes.append(
            rules.isFirstHourFree
                ? "A Spot instance that EC2 takes back in its first hour is free."
                : "The first hour is counted, although EC2 refunds it (--charge-first-hour).")
        notes.append(
            "On-Demand prices: \(book.onDemandSource). Usage prices: \(book.usage.source).")
        notes.append(
            "Requests: those that attempts are known to make. Lease renewals, queue polls, functions,"
                + " logs and traffic are not included.")
        if runningCount > 0 {
            notes.append(
                "Still running: \(Format.count(runningCount, "instance")). Their cost is as of \(Format.timeInWords(now))."
            )
        }
        if bill.unpricedCount > 0 {
            notes.append(
                "Without a known price: \(Format.count(bill.unpricedCount, "instance")). Their cost counts as zero,"
                    + " so the real bill is higher.")
        }
        if bill.unlistedCount > 0 {
            notes.append(
                "Without an On-Demand price in the table (which covers \(book.region) only):"
                    + " \(Format.count(bill.unlistedCount, "instance")).")
        }
        if unrecordedCount > 0 {
            notes.append(
                "Without a record: \(Format.count(unrecordedCount, "instance")). They count with the"
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
        case .firstHour: "refund: taken back in the first hour"
        case .disks: "disks (EBS gp3)"
        case .puts: "pictures and logs stored (S3 PUT)"
        case .tableWrites: "leases and results (DynamoDB write units)"
        case .queueRequests: "messages (SQS requests)"
        }
    }
}
