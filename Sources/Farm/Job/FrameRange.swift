/// Frames `first`, `first + step`, … up to `last`: never empty, never backwards.
package struct FrameRange: Hashable, Sendable, CustomStringConvertible {
    package let first: Int
    package let last: Int
    package let step: Int

    package init(first: Int, last: Int, step: Int = 1) throws(JobRefusal) {
        guard last >= first else { throw .framesBackwards(first: first, last: last) }
        guard step >= 1 else { throw .frameStep(step) }
        guard Self.blenderFrames.contains(first), Self.blenderFrames.contains(last) else {
            throw .framesOutOfReach(first: first, last: last)
        }
        self.first = first
        self.step = step
        self.last = first + (last - first) / step * step
    }

    /// One frame of the range.
    package func only(_ frame: Int) -> FrameRange {
        precondition(
            (first...last).contains(frame) && (frame - first) % step == 0,
            "The range has the frame.")
        return FrameRange(one: frame)
    }

    private init(one frame: Int) {
        first = frame
        last = frame
        step = 1
    }

    package var count: Int { (last - first) / step + 1 }

    package var frames: StrideThrough<Int> { stride(from: first, through: last, by: step) }

    /// The frame numbers at positions `range` of this range.
    func slice(_ range: Range<Int>) -> FrameRange {
        FrameRange(
            uncheckedFirst: first + range.lowerBound * step,
            last: first + (range.upperBound - 1) * step, step: step)
    }

    /// The part from `frame` on, or `nil` when nothing is left.
    package func from(_ frame: Int) -> FrameRange? {
        guard frame <= last else { return nil }
        guard frame > first else { return self }
        let position = (frame - first + step - 1) / step
        return slice(position..<count)
    }

    private init(uncheckedFirst first: Int, last: Int, step: Int) {
        precondition(last >= first, "A slice of a frame range holds at least one frame.")
        self.first = first
        self.last = last
        self.step = step
    }

    /// `1-240:2`, `7`, `-10-20`: first, last, step, as the command line and metadata write it.
    package init(parsing text: String) throws(JobRefusal) {
        let halves = text.split(separator: ":", omittingEmptySubsequences: false)
        guard halves.count <= 2, let head = halves.first else { throw .frames(text) }
        // Either number may begin with a minus sign, so the separator is the first one after a
        // digit.
        let separator = head.dropFirst().firstIndex(of: "-")
        let firstText = separator.map { head[..<$0] } ?? head
        let lastText = separator.map { head[head.index(after: $0)...] } ?? head
        let stepText = halves.count == 2 ? halves[1] : "1"
        guard let first = Int(firstText), let last = Int(lastText), let step = Int(stepText) else {
            throw .frames(text)
        }
        try self.init(first: first, last: last, step: step)
    }

    package var description: String {
        step == 1 ? "\(first)-\(last)" : "\(first)-\(last):\(step)"
    }

    /// MINAFRAME and MAXFRAME in Blender's DNA_scene_types.h.
    private static let blenderFrames = -1_048_574...1_048_574
}
