package import Farm

extension SliceDecision {
    /// The decision with its reason and figures.
    package var words: String {
        switch self {
        case .whole(let reason): "whole: \(reason.words)"
        case .slices(let plan, let spread):
            "slices \(plan?.words ?? "of a length yet to be measured")\(spread.words)"
        }
    }
}

extension SliceDecision.Reason {
    package var words: String {
        switch self {
        case .otherEngine: "only Cycles renders slices of samples"
        case .unknownTime: "nothing is known of the time a frame takes"
        case .withinNotice(let frame, let slack):
            "a frame of \(seconds(frame)) is done within \(seconds(slack)) after a notice"
        case .slicesCostMore(let plan):
            "slices do not pay: without them reclaims cost \(seconds(plan.wholeWaste)) a frame, "
                + "with them \(seconds(plan.slicedWaste)); \(plan.reclaims)"
        case .unsliceable(let reason): reason
        }
    }
}

extension SliceDecision.Spread {
    var words: String {
        switch self {
        case .none: ""
        case .upTo(let count): ", spread over up to \(count) workers"
        case .over(let count, let all):
            "; spread over \(count) of \(all) workers: the others would take longer to open the "
                + "scene than to render their share"
        case .share(let share): "; share \(share)"
        }
    }
}

extension SlicePolicy.Plan {
    var words: String {
        "of \(seconds(length)): reclaims would cost \(seconds(wholeWaste)) a frame without slices, "
            + "and with them \(seconds(slicedWaste)), their boundaries included; \(reclaims)"
    }
}

/// Tenths below ten seconds, else whole ones.
private func seconds(_ duration: Duration) -> String {
    let seconds = duration.seconds
    return seconds < 10
        ? "\((seconds * 10).rounded() / 10) s" : "\(Int(min(seconds, 1e9).rounded())) s"
}
