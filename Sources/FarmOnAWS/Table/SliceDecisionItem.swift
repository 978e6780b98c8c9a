internal import AWS
internal import Farm

/// A decision on slices as values.
enum SliceDecisionItem {
    static func item(_ decision: SliceDecision) -> DynamoDB.Item {
        switch decision {
        case .whole(.otherEngine): [kind: "otherEngine"]
        case .whole(.unknownTime): [kind: "unknownTime"]
        case .whole(.withinNotice(let frame, let slack)):
            [
                kind: "withinNotice", "frameMilliseconds": .number(frame.milliseconds),
                "slackMilliseconds": .number(slack.milliseconds),
            ]
        case .whole(.slicesCostMore(let plan)): [kind: "slicesCostMore", "plan": .map(item(plan))]
        case .whole(.unsliceable(let reason)):
            [
                kind: "unsliceable",
                "reason": .s(String(reason.prefix(AdapterLimits.reasonLengthMax))),
            ]
        case .slices(let plan, let spread): slices(plan, spread)
        }
    }

    private static func slices(
        _ plan: SlicePolicy.Plan?, _ spread: SliceDecision.Spread
    ) -> DynamoDB.Item {
        var item: DynamoDB.Item = [kind: "slices"]
        item["plan"] = plan.map { .map(Self.item($0)) }
        switch spread {
        case .none: break
        case .upTo(let count): item["upTo"] = .number(count)
        case .over(let count, let all):
            item["over"] = .number(count)
            item["shares"] = .number(all)
        case .share(let share):
            item["index"] = .number(share.index)
            item["shares"] = .number(share.count)
        }
        return item
    }

    private static func item(_ plan: SlicePolicy.Plan) -> DynamoDB.Item {
        [
            "lengthMilliseconds": .number(plan.length.milliseconds),
            "wholeWasteMilliseconds": .number(plan.wholeWaste.milliseconds),
            "slicedWasteMilliseconds": .number(plan.slicedWaste.milliseconds),
            "reclaimsPerHour": .number(plan.reclaims.perHour),
            "reclaimsSource": .s(plan.reclaims.source),
        ]
    }

    static func decision(_ reader: ItemReader) throws(PortError) -> SliceDecision {
        switch try reader.string(kind) {
        case "otherEngine": .whole(.otherEngine)
        case "unknownTime": .whole(.unknownTime)
        case "withinNotice":
            .whole(
                .withinNotice(
                    frame: .milliseconds(try reader.int64("frameMilliseconds")),
                    slack: .milliseconds(try reader.int64("slackMilliseconds"))))
        case "slicesCostMore": .whole(.slicesCostMore(try plan(reader.map("plan"))))
        case "unsliceable": .whole(.unsliceable(try reader.string("reason")))
        case "slices": .slices(try optionalPlan(reader.optionalMap("plan")), try spread(reader))
        default: throw reader.malformed(kind)
        }
    }

    private static func spread(_ reader: ItemReader) throws(PortError) -> SliceDecision.Spread {
        if let count = try reader.optionalInt("upTo") { return .upTo(count) }
        guard let all = try reader.optionalInt("shares") else { return .none }
        guard let count = try reader.optionalInt("over") else {
            let index = try reader.int("index")
            guard (0..<all).contains(index) else { throw reader.malformed("index") }
            return .share(SampleShare(index, of: all))
        }
        return .over(count, of: all)
    }

    private static func optionalPlan(
        _ reader: ItemReader?
    ) throws(PortError) -> SlicePolicy.Plan? {
        guard let reader else { return nil }
        return try plan(reader)
    }

    private static func plan(_ reader: ItemReader) throws(PortError) -> SlicePolicy.Plan {
        SlicePolicy.Plan(
            length: .milliseconds(try reader.int64("lengthMilliseconds")),
            wholeWaste: .milliseconds(try reader.int64("wholeWasteMilliseconds")),
            slicedWaste: .milliseconds(try reader.int64("slicedWasteMilliseconds")),
            reclaims: ReclaimRate(
                perHour: try reader.double("reclaimsPerHour"),
                source: try reader.string("reclaimsSource")))
    }

    private static let kind = "kind"
}
