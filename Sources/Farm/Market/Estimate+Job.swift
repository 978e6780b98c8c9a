extension Estimate {
    /// Estimates a whole job from the frames it has rendered. The canary frames make the first
    /// quote.
    ///
    /// It uses the instance type that rendered most frames: their mean time, and the mean Spot
    /// price that was paid for them.
    ///
    /// - Returns: `nil` before a frame is rendered, and when that type's price or speed is not
    ///   known.
    package init?(of job: Job, _ attempts: [Attempt], book: PriceBook = .builtIn) {
        guard let frames = job.settings?.frames else { return nil }
        let measured = attempts.compactMap { attempt -> (Attempt, RenderReport, RenderTime)? in
            guard let report = attempt.report, let time = report.frameTime else { return nil }
            return (attempt, report, time)
        }
        let byType = Dictionary(grouping: measured) { $0.0.pool.instanceType }
        let countMax = byType.max { left, right in
            (left.value.count, right.key) < (right.value.count, left.key)
        }
        guard let (type, rendered) = countMax, let speed = book.speeds[type],
            let onDemand = book.onDemand[type]
        else { return nil }
        let count = rendered.reduce(0) { $0 + $1.2.frames }
        let opening = rendered.reduce(Int64(0)) { $0 + $1.1.openMilliseconds }
        // A Blender that stayed open after the task before already has the scene open.
        let openings = rendered.count { $0.1.openMilliseconds > 0 }
        let total = rendered.reduce(Int64(0)) { $0 + $1.2.milliseconds }
        var assuming = Assumptions()
        let prices = rendered.compactMap(\.0.pricePerHour)
        if !prices.isEmpty {
            let paid = prices.sum / (onDemand * prices.count)
            assuming.spotPercent = Int64((paid * 100).rounded())
        }
        self.init(
            Probe(
                frame: frames.first,
                duration: .milliseconds(max(0, total - opening)) / count,
                opening: .milliseconds(opening) / max(1, openings)),
            frameCount: frames.count, here: speed, types: [type], counts: Self.quotedCounts,
            book: book, assuming: assuming)
    }

    /// Enough numbers of instances to show the effect of more of them.
    private static let quotedCounts = [1, 3, 10]
}
