internal import BlendFile
package import Farm

/// Inspects a project that is stored by content, and reads its .blends in place.
package enum ListingInspection {
    /// - Parameters:
    ///   - upload: The listing.
    ///   - file: The .blend to render, in place of the listing's own.
    package static func inspect(
        _ upload: SceneObject, file: String?, in store: any SceneStore,
        limits: ProjectLimits = ProjectLimits()
    ) async throws(InspectionStop) -> SceneInspection {
        let json: [UInt8]
        do {
            // One byte over the limit is enough to refuse it.
            let count = min(upload.byteCount, limits.listingBytesMax + 1)
            json = try await store.read(0..<count, of: upload)
        } catch {
            throw .world(error)
        }
        let project: StoredProject
        let scene: String
        do {
            project = try StoredProject(json: json, limits: limits)
            scene = try project.listing.scene(named: file ?? project.scene)
        } catch {
            throw .refused(.project(error))
        }
        let scenes = try await scenes(of: project, in: upload.bucket, of: store)
        return try await SceneInspection.project(scene, in: project.listing) { path in
            scenes[path].map { SceneBytes(scene: $0, store: store) }
        }
    }

    /// The place of each .blend, after a check that all files of the project exist.
    ///
    /// The check asks for one file at a time: a Lambda's transport has one connection.
    private static func scenes(
        of project: StoredProject, in bucket: String, of store: any SceneStore
    ) async throws(InspectionStop) -> [String: SceneObject] {
        var objects: [StoredFile: SceneObject] = [:]
        var missing: [String] = []
        for (file, path) in project.contents {
            let found: UploadedScene?
            do {
                found = try await store.find(bucket: bucket, key: file.key, version: nil)
            } catch {
                throw .world(error)
            }
            if let found, found.object.byteCount == file.byteCount {
                objects[file] = found.object
            } else {
                missing.append(path)
            }
        }
        if let missing = MissingFiles(missing) { throw .refused(.project(.notStored(missing))) }
        return project.files.filter { ProjectListing.isScene($0.key) }.compactMapValues {
            objects[$0]
        }
    }
}
