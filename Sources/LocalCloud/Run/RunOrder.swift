package import Farm

/// What `local run` renders, and what happens meanwhile.
package struct RunOrder: Hashable, Sendable {
    /// Absolute path of the .blend or the project's archive.
    package var file: String
    /// The uploader's wishes, as object metadata: frames, chunk, samples, resolution.
    package var metadata: [String: String]
    /// Absolute path of the folder for the frames.
    package var out: String
    /// Take a worker away in the middle of a frame by each of these, one after another.
    package var interruptions: [DetectionStatistics.Method]
    /// From notice to end.
    package var interruptAfterSeconds: Int

    package init(
        file: String, metadata: [String: String], out: String,
        interruptions: [DetectionStatistics.Method],
        interruptAfterSeconds: Int
    ) {
        self.file = file
        self.metadata = metadata
        self.out = out
        self.interruptions = interruptions
        self.interruptAfterSeconds = interruptAfterSeconds
    }

    var fileName: String { file.split(separator: "/").last.map(String.init) ?? file }

    /// Finds what the splitter would refuse while a person still looks.
    func check() throws(LocalCloudError) {
        guard UploadKind(name: fileName) != nil else {
            throw LocalCloudError(
                "render \(fileName)",
                "Its name must end in .blend, \(UploadKind.projectEndings.joined(separator: ", ")): "
                    + "only such uploads become jobs.")
        }
        do {
            _ = try RenderOverrides(metadata: metadata)
        } catch {
            throw LocalCloudError("render \(fileName)", "\(error)")
        }
    }
}
