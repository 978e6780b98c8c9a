/// Estimates the time and cost of a job on several instance types, from one frame rendered here.
/// Pure: the probe in, rows out. `Assumptions` lists what is assumed.
package struct Estimate: Hashable, Sendable {
    /// One frame rendered on this machine.
    package struct Probe: Hashable, Sendable {
        package let frame: Int
        /// In Blender, without the opening of the scene.
        package let duration: Duration
        /// Assumed to be equal on every machine: mostly one thread does it.
        package let opening: Duration

        package init(frame: Int, duration: Duration, opening: Duration) {
            self.frame = frame
            self.duration = duration
            self.opening = opening
        }
    }

    package struct Assumptions: Hashable, Sendable {
        /// From the launch until the worker starts. Not measured on AWS yet.
        package var boot: Duration = .seconds(90)
        /// The Spot price in percent of the On-Demand price. Over 3,637 pools of us-east-1 in
        /// January 2024 the mean was 53.2 % below On-Demand (unknown-cstdio/instance-manager).
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

    /// The types in `InstanceTypes` of infra/fleet.yaml.
    package static let usualTypes =
        "c5.2xlarge,c5a.2xlarge,c6a.2xlarge,c6i.2xlarge,c7a.2xlarge,c7i.2xlarge,m5a.2xlarge,"
        + "m6a.2xlarge,m6i.2xlarge,m7i.2xlarge"

    package let probe: Probe
    package let frameCount: Int
    /// The cheapest type first, and for each type from few instances to many.
    package let rows: [Row]
    /// Types that have no price or no speed in the table.
    package let unknownTypes: [String]

    /// - Parameters:
    ///   - here: The speed of the machine that rendered the probe.
    ///   - counts: Numbers of instances. Numbers above the frame count are left out.
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
                    // The slowest instance may have one frame more than the others.
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
