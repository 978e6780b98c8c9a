/// Compares runs of equal work: how they scale with instances, and how much Spot saves.
///
/// A saving compares with the cost of a real On-Demand run, not with list prices.
package struct Study: Hashable, Sendable {
    package enum Market: String, Hashable, Sendable, CaseIterable {
        case spot = "Spot"
        case onDemand = "On-Demand"
        case both = "Spot and On-Demand"
    }

    package struct Row: Hashable, Sendable {
        /// The run's position in the report.
        package let index: Int
        package let run: RunFigures
        package let market: Market
        /// Frames per hour relative to the smallest run of the same work.
        package let scaleUp: Double
        /// Scale-up divided by the ratio of instances: 1 when twice the instances render twice the
        /// frames.
        package let efficiency: Double
        /// As a part of the cost of the same work on as many On-Demand instances; `nil` without
        /// that run, for that run itself, and when a price is missing.
        package let saving: Double?
    }

    /// Grouped by work, from few instances to many.
    package let rows: [Row]

    /// - Parameter runs: Runs without a frame, or without another run of equal work, are left out.
    package init(_ runs: [RunFigures]) {
        let usable = runs.enumerated().filter {
            $0.element.frameCount > 0 && $0.element.peakInstances > 0
        }
        let works = Dictionary(grouping: usable, by: \.element.work).values
            .filter { $0.count > 1 }.sorted { $0[0].offset < $1[0].offset }
        rows = works.flatMap { runs in
            let sorted = runs.sorted {
                ($0.element.peakInstances, $0.offset) < ($1.element.peakInstances, $1.offset)
            }
            return sorted.map { Row($0.offset, $0.element, among: sorted.map(\.element)) }
        }
    }
}

extension Study.Row {
    /// - Parameter runs: All runs of the same work, the smallest first.
    fileprivate init(_ index: Int, _ run: RunFigures, among runs: [RunFigures]) {
        self.index = index
        self.run = run
        market = Study.Market(run)
        scaleUp = run.framesPerHour / runs[0].framesPerHour
        efficiency = scaleUp * Double(runs[0].peakInstances) / Double(run.peakInstances)
        let like = runs.first {
            Study.Market($0) == .onDemand && $0.peakInstances == run.peakInstances
        }
        guard let like, market != .onDemand, like.bill.unpricedCount == 0,
            run.bill.unpricedCount == 0, like.bill.instances > .zero
        else {
            saving = nil
            return
        }
        saving = 1 - run.bill.instances / like.bill.instances
    }
}

extension Study.Market {
    fileprivate init(_ run: RunFigures) {
        self =
            run.onDemandInstanceCount == 0
            ? .spot : run.spotInstanceCount == 0 ? .onDemand : .both
    }
}
