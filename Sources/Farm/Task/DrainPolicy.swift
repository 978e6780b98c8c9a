/// What a worker does with its task between a notice and its deadline. Pure, and asked again as
/// time passes: a frame that turns out slower than those before is given up in time.
package struct DrainPolicy: Hashable, Sendable {
    /// Kept between the end of a frame's render and the deadline, for the upload.
    package var uploadReserve: Duration
    /// Kept at the very end for two writes: the task's and its message's.
    package var handBackReserve: Duration

    package init(
        uploadReserve: Duration = .seconds(20), handBackReserve: Duration = .seconds(5)
    ) {
        precondition(handBackReserve <= uploadReserve, "A task is handed back after the upload.")
        self.uploadReserve = uploadReserve
        self.handBackReserve = handBackReserve
    }

    package enum Decision: Hashable, Sendable {
        /// Everything the task has left fits.
        case finish
        /// So many frames fit, the one in progress among them; then hand back the rest. With none,
        /// only an upload is waited for.
        case keep(frameCount: Int)
        /// What is stored stays stored; the frame in progress is given up.
        case handBackNow
    }

    /// How far a worker is with its task.
    package struct Progress: Hashable, Sendable {
        /// Those not rendered yet, with the one in progress. Where a frame is rendered in slices, each
        /// counts as a frame here: what is stored of them is kept.
        package var framesLeft: Int
        /// Median of the attempt's frames, or else the job's mean; `nil` when nothing is measured.
        package var frameDuration: Duration?
        /// Since when the current frame renders; `nil` before the first has begun.
        package var frameStart: Timestamp?
        /// A frame is rendered, and on its way to the store.
        package var isUploading: Bool

        package init(
            framesLeft: Int, frameDuration: Duration?, frameStart: Timestamp?,
            isUploading: Bool = false
        ) {
            self.framesLeft = framesLeft
            self.frameDuration = frameDuration
            self.frameStart = frameStart
            self.isUploading = isUploading
        }
    }

    /// With an unknown frame time nothing can be promised, so the task goes back at once.
    package func decide(
        _ progress: Progress, deadline: Timestamp, at now: Timestamp
    ) -> Decision {
        let timeLeft = deadline - now
        guard timeLeft > handBackReserve else { return .handBackNow }
        if progress.framesLeft == 0 { return .finish }
        let fitting = fittingFrames(progress, in: timeLeft - uploadReserve, at: now)
        if fitting >= progress.framesLeft { return .finish }
        if fitting == 0, !progress.isUploading { return .handBackNow }
        return .keep(frameCount: fitting)
    }

    private func fittingFrames(
        _ progress: Progress, in time: Duration, at now: Timestamp
    ) -> Int {
        guard let frame = progress.frameDuration, frame > .zero else { return 0 }
        let elapsed = progress.frameStart.map { now - $0 } ?? .zero
        let afterCurrent = time - max(.zero, frame - elapsed)
        return afterCurrent < .zero ? 0 : 1 + Int(afterCurrent / frame)
    }
}
