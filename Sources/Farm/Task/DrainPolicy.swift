/// What a worker does with its task between a notice and its deadline. Pure, and evaluated again as
/// time passes, so that a frame that is slower than expected is given up in time.
package struct DrainPolicy: Hashable, Sendable {
    /// Time reserved for the upload between the end of a frame and the deadline.
    package var uploadReserve: Duration
    /// Time reserved at the end for two writes: the task and its message.
    package var handBackReserve: Duration

    package init(
        uploadReserve: Duration = .seconds(20), handBackReserve: Duration = .seconds(5)
    ) {
        precondition(handBackReserve <= uploadReserve, "A task is handed back after the upload.")
        self.uploadReserve = uploadReserve
        self.handBackReserve = handBackReserve
    }

    package enum Decision: Hashable, Sendable {
        /// The rest of the task fits.
        case finish
        /// This many frames fit, with the one in progress. Then the rest is handed back. With zero,
        /// the worker only waits for an upload.
        case keep(frameCount: Int)
        /// Stored frames are kept, and the frame in progress is given up.
        case handBackNow
    }

    /// The progress of a worker on its task.
    package struct Progress: Hashable, Sendable {
        /// Frames that are not rendered yet, with the one in progress. A slice counts as a frame
        /// here, because stored slices are kept.
        package var framesLeft: Int
        /// The median of the attempt's frames, else the mean of the job; `nil` without
        /// measurements.
        package var frameDuration: Duration?
        /// The start of the current frame; `nil` before the first frame.
        package var frameStart: Timestamp?
        /// Whether a rendered frame is being stored.
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

    /// Without a known frame time nothing can be promised, so the task goes back at once.
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
