/// What a scene will take and cost on instances of some types, from one frame that was rendered here.
/// Pure: the probe in, rows out. What is assumed stands in `Assumptions`.
package struct Estimate: Hashable, Sendable {
    /// One frame, as this machine rendered it.
    package struct Probe: Hashable, Sendable {
        package let frame: Int
        /// In Blender, the opening of the scene apart.
        package let duration: Duration
        /// Mostly one thread's work, so it is taken to last as long on any machine.
        package let opening: Duration

        package init(frame: Int, duration: Duration, opening: Duration) {
            self.frame = frame
            self.duration = duration
            self.opening = opening
        }
    }

    package struct Assumptions: Hashable, Sendable {
        /// From launch until the worker's program begins. Not measured on AWS yet.
        package var boot: Duration = .seconds(90)
        /// Spot prices in percent of On-Demand's: the mean over 3,637 pools of us-east-1 in January
        /// 2024, as recorded (unknown-cstdio/instance-manager), was 53.2 % below.
        package var spotPercent: Int64 = 47

        package init() {}
    }

    package struct Row: Hashable, Sendable {
        package let instanceType: String
        package let instances: Int
        /// One frame on this type.
        package let frame: Duration
        /// From the first launch until the last frame.
        package let wall: Duration
        package let onDemand: Money
        package let spot: Money
    }

    /// The types that the stack asks for, as InstanceTypes of infra/fleet.yaml has them.
    package static let usualTypes =
        "c5.2xlarge,c5a.2xlarge,c6a.2xlarge,c6i.2xlarge,c7a.2xlarge,c7i.2xlarge,m5a.2xlarge,"
        + "m6a.2xlarge,m6i.2xlarge,m7i.2xlarge"

    package let probe: Probe
    package let frameCount: Int
    /// Type by type, the cheapest first, and of each from few instances to many.
    package let rows: [Row]
    /// Types without a price or a speed in the table.
    package let unknownTypes: [String]

    /// - Parameters:
    ///   - here: The machine that rendered the probe.
    ///   - counts: Numbers of instances; those beyond the frames are left out.
    package init(
        _ probe: Probe, frameCount: Int, here: MachineSpeed, types: [String], counts: [Int],
        book: PriceBook = .builtIn, assuming: Assumptions = Assumptions()
    ) {
        self.probe = probe
        self.frameCount = frameCount
        var rows: [[Row]] = []
        var unknown: [String] = []
        for type in types {
            guard let price = book.onDemand[type], let speed = book.speeds[type] else {
                unknown.append(type)
                continue
            }
            let frame = probe.duration * (here.coreMark / speed.coreMark)
            rows.append(
                counts.filter { (1...frameCount).contains($0) }.map { count in
                    // The unluckiest instance has one frame more than the others.
                    let countMax = (frameCount + count - 1) / count
                    let wall = assuming.boot + probe.opening + frame * countMax
                    let seconds = (0..<count).reduce(Int64(0)) { sum, place in
                        let frames = frameCount / count + (place < frameCount % count ? 1 : 0)
                        return sum + paidSeconds(assuming.boot + probe.opening + frame * frames)
                    }
                    let onDemand = price.times(seconds, over: 3600)
                    return Row(
                        instanceType: type, instances: count, frame: frame, wall: wall,
                        onDemand: onDemand, spot: onDemand.times(assuming.spotPercent, over: 100))
                })
        }
        self.rows = rows.sorted { left, right in
            (left.first?.onDemand ?? .zero, left.first?.instanceType ?? "")
                < (right.first?.onDemand ?? .zero, right.first?.instanceType ?? "")
        }.flatMap(\.self)
        unknownTypes = unknown
    }
}

private func paidSeconds(_ duration: Duration) -> Int64 {
    max(BillingRules.secondsMin, (duration.milliseconds + 999) / 1000)
}
