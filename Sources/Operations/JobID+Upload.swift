internal import Digest
package import Farm

extension JobID {
    /// The id of the job that an upload becomes.
    ///
    /// The same upload always gives the same id. So a splitter that runs twice for one event finds
    /// the job that it wrote first, and the command line knows the id before the splitter has run.
    package init(of upload: SceneObject) {
        self.init(for: upload, digest: hex(SHA256.hash(Array(upload.identity.utf8))))
    }
}
