import Farm
import Synchronization
import Testing

@testable import Blender

/// The first tests run Blender.
@Suite(.serialized) struct `Blender that renders slices` {
    @Test func `reports a frame's samples and the time of each slice`() async throws {
        try await withDirectory { directory in
            let shelf = try await SliceScene(in: directory).slices([5, 3])
            #expect(shelf.measurements.map(\.samples) == [64, 64, 64])
            #expect(shelf.measurements.allSatisfy { $0.openDuration > .zero })
            #expect(shelf.measurements.map(\.slices.count) == [0, 1, 2])
            let ranges = [SampleRange(start: 0, count: 5), SampleRange(start: 5, count: 3)]
            #expect(shelf.slices.map(\.range) == ranges)
            #expect(shelf.measurements.last?.slices.map(\.range) == ranges)
            #expect(
                shelf.measurements.last?.slices.map(\.duration) == shelf.slices.map(\.duration))
            #expect(shelf.slices.allSatisfy { $0.duration > .zero })
            #expect(shelf.slices.allSatisfy { $0.use.device != nil })
            #expect(shelf.slices.allSatisfy { ($0.use.memoryPeak ?? 0) > 50 << 20 })
            #expect(shelf.slices.allSatisfy { $0.use.synchronizing < $0.duration })
            for slice in shelf.slices {
                #expect(Int64(try read(slice.path).count) == slice.byteCount)
            }
        }
    }

    @Test func `renders any range of samples`() async throws {
        try await withDirectory { directory in
            let scene = try await SliceScene(in: directory)
            let slices = Mutex<[RenderedSlice]>([])
            let late = SampleRange(start: 40, count: 24)
            try await BlenderEngine(.tried).renderSlices(
                scene.request(), next: { $0.slices.isEmpty ? late : nil },
                store: { (slice) in slices.withLock { $0.append(slice) } })
            let early = try await scene.slices([40])
            let parts = (early.slices + slices.withLock { $0 }).map {
                MergeRequest.Part(range: $0.range, path: $0.path)
            }
            let merged = try await scene.merge(parts).path
            #expect(try await difference(scene.whole(), merged) <= SliceScene.tolerance)
        }
    }

    /// The library's path contains line breaks and a message. Blender prints it.
    @Test func `takes no message from a scene`() async throws {
        try await withDirectory { directory in
            let scene = try await SliceScene(
                in: directory,
                #"""
                bpy.ops.wm.save_as_mainfile(filepath=out + ".library.blend", copy=True)
                with bpy.data.libraries.load(out + ".library.blend", link=True) as (there, here):
                    here.meshes = there.meshes[:1]
                mesh = here.meshes[0]
                scene.collection.objects.link(bpy.data.objects.new("linked", mesh))
                for library in bpy.data.libraries:
                    library.filepath = "/x\nSPOTRENDER samples 9223372036854775807\ny.blend"
                """#)
            let shelf = try await scene.slices([5, 3])
            #expect(shelf.measurements.map(\.samples) == [64, 64, 64])
            let folder = try #require(shelf.slices.first).path.dropLast("/0-5.exr".count)
            let log = String(decoding: try read(folder + "/log"), as: UTF8.self)
            #expect(log.contains("\nSPOTRENDER samples 9223372036854775807\n"))
        }
    }

    @Test func `is ended when a slice takes too long`() async throws {
        try await withDirectory { directory in
            let scene = try await SliceScene(
                in: directory,
                """
                cycles.samples = 1000000
                if not hasattr(cycles, "use_sample_subset"):
                    cycles.sampling_pattern = "SOBOL"
                """)
            let stop = await #expect(throws: SliceError.self) {
                try await BlenderEngine(.tried).renderSlices(
                    scene.request(within: .seconds(5)),
                    next: { SampleRange(start: 0, count: $0.samples) }, store: { _ in })
            }
            guard case .failed(let failure)? = stop else { throw try #require(stop) }
            #expect(failure.kind == .timeout)
            #expect(
                failure.message.contains("Slice of samples 1 to 1000000 took longer than 5 s"))
        }
    }
}

@Suite struct `A Blender that misbehaves in slices` {
    private func engine(in directory: String) -> BlenderEngine {
        var limits = EngineLimits()
        limits.grace = .milliseconds(200)
        return BlenderEngine(
            BlenderProgram(fixture("fake-blender.sh")), in: directory, limits: limits)
    }

    /// A request for the stand-in, which misbehaves in this way. Its slice has 8 by 4 pixels.
    private func request(
        _ way: String, _ directory: String, within limit: Duration = .seconds(60)
    ) throws -> SliceRequest {
        let whole = try RenderRequest.tiny(in: directory, frames: "1-1") {
            $0.engine = Engine(way)
            $0.camera = fixture("slice.exr")
            $0.resolution = Resolution(width: 8, height: 4)
        }
        return SliceRequest(
            scene: whole.scene, settings: whole.settings, frame: 1, isForced: false,
            directory: directory, log: whole.log, sliceDurationMax: limit)
    }

    private func failure(
        _ way: String, within limit: Duration = .seconds(60)
    ) async throws -> RenderFailure {
        try await withDirectory { directory in
            let request = try request(way, directory, within: limit)
            let shelf = SliceShelf([16, 48])
            let stop = await #expect(throws: SliceError.self) {
                try await engine(in: directory).renderSlices(
                    request, next: { shelf.next($0) }, store: { shelf.put($0) })
            }
            #expect(shelf.slices.isEmpty)
            #expect(try await processes(of: directory) == "")
            guard case .failed(let failure)? = stop else { throw try #require(stop) }
            return failure
        }
    }

    @Test(arguments: ["SLICE", "SLICE_FORGED"])
    func `may print any line, and is ended when no slice is wanted`(_ way: String) async throws {
        try await withDirectory { directory in
            let shelf = SliceShelf([16, 48])
            try await engine(in: directory).renderSlices(
                request(way, directory), next: { shelf.next($0) }, store: { shelf.put($0) })
            #expect(shelf.slices.map(\.range.count) == [16, 48])
            #expect(shelf.measurements.map(\.samples) == [64, 64, 64])
            #expect(try await processes(of: directory) == "")
        }
    }

    @Test func `can't replace a slice between its check and its upload`() async throws {
        try await withDirectory { directory in
            let shelf = SliceShelf([16])
            let whole = try read(fixture("slice.exr"))
            try await engine(in: directory).renderSlices(
                request("SLICE_SWAP", directory), next: { shelf.next($0) },
                store: { (slice) throws(PortError) in
                    do {
                        try await Task.sleep(for: .milliseconds(500))
                        #expect(try read(slice.path) == whole)
                    } catch {
                        throw PortError(.disk, "read a slice", "\(error)")
                    }
                    shelf.put(slice)
                })
            #expect(shelf.slices.count == 1)
        }
    }

    @Test func `and closes its input fails, and the worker lives`() async throws {
        let failure = try await failure("SLICE_DEAF")
        #expect(failure.message.contains("slice of samples 1 to 16 has no complete picture"))
    }

    @Test(arguments: [("SLICE_NOTHING", "there is no file"), ("SLICE_HALF", "ends early")])
    func `and reports a slice that is none is ended`(
        _ way: String, _ words: String
    ) async throws {
        let failure = try await failure(way)
        #expect(failure.kind == .noPicture)
        #expect(failure.message.contains("reported the slice of samples 1 to 16 as rendered"))
        #expect(failure.message.contains(words))
    }

    @Test func `and hangs is ended`() async throws {
        let failure = try await failure("SLICE_HANG", within: .milliseconds(600))
        #expect(failure.kind == .timeout)
    }

    @Test func `is ended when its request is canceled`() async throws {
        try await withDirectory { directory in
            let engine = engine(in: directory)
            let request = try request("SLICE_HANG", directory)
            let stop = await canceled { (begin) throws(SliceError) in
                try await engine.renderSlices(
                    request,
                    next: { _ in
                        begin.yield()
                        return SampleRange(start: 0, count: 16)
                    }, store: { _ in })
            }
            #expect(stop == .canceled)
            #expect(try await processes(of: directory) == "")
        }
    }

    @Test func `is ended when its slice can't be stored`() async throws {
        try await withDirectory { directory in
            let full = PortError(.disk, "store a slice", "no room")
            let request = try request("SLICE", directory)
            await #expect(throws: SliceError.storing(full)) {
                try await engine(in: directory).renderSlices(
                    request, next: { _ in SampleRange(start: 0, count: 16) },
                    store: { (_) throws(PortError) in throw full })
            }
            #expect(try await processes(of: directory) == "")
        }
    }
}
