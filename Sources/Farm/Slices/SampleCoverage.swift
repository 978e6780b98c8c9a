/// Which stored slices make up a frame, and which samples are missing.
///
/// Stored slices may overlap: a worker that lost its lease renders for a moment beside the next
/// one. Of overlapping slices only one can count. The chosen slices lack the fewest samples, and
/// among equals they are the fewest.
package struct SampleCoverage: Hashable, Sendable {
    /// In the order of their samples. No sample is in two parts.
    package let parts: [SampleRange]
    /// Samples in no part, in order, as few ranges as possible.
    package let missing: [SampleRange]

    package init(_ stored: [SampleRange], samples: Int) {
        precondition(samples >= 1, "A frame has at least one sample.")
        let slices = stored.filter { $0.end <= samples }
        let places = Set(slices.flatMap { [$0.start, $0.end] } + [0, samples]).sorted()
        let endingAt = Dictionary(grouping: slices, by: \.end)
        // The best way to each place from the left: over a slice that ends there, or over a gap.
        var ways: [Int: Way] = [0: Way()]
        for (before, place) in zip(places, places.dropFirst()) {
            guard let left = ways[before] else { preconditionFailure("Places are in order.") }
            var best = left.skipping(SampleRange(start: before, count: place - before))
            for slice in endingAt[place, default: []] {
                guard let way = ways[slice.start]?.taking(slice), way.isBetter(than: best) else {
                    continue
                }
                best = way
            }
            ways[place] = best
        }
        guard let whole = ways[samples] else { preconditionFailure("The end is a place.") }
        parts = whole.parts
        missing = whole.missing
    }

    /// Missing samples in a part of the frame.
    package func missing(in part: SampleRange) -> [SampleRange] {
        missing.compactMap { gap in
            let (start, end) = (max(gap.start, part.start), min(gap.end, part.end))
            return start < end ? SampleRange(start: start, count: end - start) : nil
        }
    }

    private struct Way {
        var parts: [SampleRange] = []
        var missing: [SampleRange] = []
        var missingCount = 0

        func taking(_ slice: SampleRange) -> Way {
            var way = self
            way.parts.append(slice)
            return way
        }

        func skipping(_ gap: SampleRange) -> Way {
            var way = self
            way.missingCount += gap.count
            if let last = missing.last, last.end == gap.start {
                way.missing[missing.count - 1] = SampleRange(
                    start: last.start, count: last.count + gap.count)
            } else {
                way.missing.append(gap)
            }
            return way
        }

        func isBetter(than other: Way) -> Bool {
            (missingCount, parts.count) < (other.missingCount, other.parts.count)
        }
    }
}
