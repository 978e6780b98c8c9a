import Farm

/// Our Python program, run inside Blender after the scene is opened: it puts the settings in
/// place, refuses what can't be rendered in words for the scene's owner, and does its work: it
/// renders whole frames, or slices of one frame's samples, or makes a frame of slices.
///
/// Command-line flags alone would be quieter but worse: an unknown scene, engine or camera is
/// passed over in silence there. The frames are set by flags, since Python may not set negative
/// ones. One call renders a whole chunk, which costs what `blender -a` costs; then the next may come.
///
/// Standard input is a pipe whose other end only the worker holds: its lines are commands, and
/// when the worker dies, however suddenly, the pipe ends and so does Blender. A thread that
/// blocks in `read` costs nothing.
/// Render handlers are not used: `render_stats` deadlocks Blender 4.5 and 5.0.
struct RenderProgram: Hashable, Sendable {
    let text: String
    /// `name=value`, of the work alone.
    private let arguments: [String]

    /// - Parameter work: Python that defines `work(scene, wanted)`.
    init(work: String, arguments: [String] = []) {
        text = [Self.setUp, Self.device, Self.extraOutputs, work, Self.main].joined(separator: "\n")
        self.arguments = arguments
    }

    /// Renders the frames of each line `FIRST LAST STEP` on standard input, and says `rendered` when
    /// they are. Ends with the pipe.
    static let frames = RenderProgram(
        work: #"""
            def choose_frames(scene, frames):
                # In this order: a start after the end moves the end.
                if frames_of(scene) != frames:
                    scene.frame_start, scene.frame_end, scene.frame_step = frames
                if frames_of(scene) != frames:
                    raise Refusal(f"Blender took the frames {frames_of(scene)} for {frames}")

            def render_frames(scene, wanted):
                if not wanted["starts"]:
                    bpy.ops.render.render(animation=True, scene=scene.name)
                    return
                # File Output nodes take another folder only between two renders.
                for frame in range(scene.frame_start, scene.frame_end + 1, scene.frame_step):
                    direct_extras(scene, wanted, frame)
                    scene.frame_set(frame)
                    scene.render.filepath = wanted["output"]
                    scene.render.filepath = scene.render.frame_path(frame=frame)
                    bpy.ops.render.render(write_still=True, scene=scene.name)

            def work(scene, wanted):
                while True:
                    choose_frames(scene, tuple(map(int, commands.get().split())))
                    say_device(wanted)
                    render_frames(scene, wanted)
                    say("rendered")

            """#)

    /// `name=value` arguments, for after `--`.
    func arguments(for request: RenderRequest) -> [String] {
        let settings = request.settings
        var arguments = [
            "blend=\(request.scene)",
            "scene=\(settings.scene)",
            "engine=\(settings.engine.rawValue)",
            "width=\(settings.resolution.width)",
            "height=\(settings.resolution.height)",
            "percentage=\(settings.resolution.percentage)",
            "format=\(settings.format.rawValue)",
            "output=\(request.directory)/frame_####",
            "extras=\(request.directory)/extras",
            "frames=\(request.frames.first),\(request.frames.last),\(request.frames.step)",
        ]
        arguments.append("processors=\(GraphicsDevices.processors.joined(separator: ", "))")
        if let samples = settings.samples { arguments.append("samples=\(samples)") }
        if let camera = settings.camera { arguments.append("camera=\(camera)") }
        return arguments + self.arguments
    }

    private static let setUp = #"""
        import os, queue, signal, sys, threading
        import bpy

        def say(kind, text=""):
            print(f"SPOTRENDER {kind} {' '.join(str(text).split())}", flush=True)

        class Refusal(Exception):
            pass

        commands = queue.SimpleQueue()

        def listen():
            rest = b""
            while piece := os.read(0, 4096):
                *lines, rest = (rest + piece).split(b"\n")
                for line in lines:
                    commands.put(line.decode())
            # The worker is gone, or wants no more. In a sandbox the group's leader is outside.
            if os.getpgrp() in (0, os.getpid()):
                os.killpg(0, signal.SIGKILL)

        def names(things):
            shown = sorted(thing.name for thing in things)[:12]
            return ", ".join(shown) if shown else "none"

        def choose_scene(wanted):
            if os.path.realpath(bpy.data.filepath) != os.path.realpath(wanted["blend"]):
                raise Refusal("Blender did not open the file")
            scene = bpy.data.scenes.get(wanted["scene"])
            if scene is None:
                raise Refusal(f"the file has no scene \"{wanted['scene']}\"; "
                              f"it has {names(bpy.data.scenes)}")
            if bpy.context.window is not None:
                bpy.context.window.scene = scene
            return scene

        def choose_engine(scene, name):
            # 4.2 to 4.5 have EEVEE under another name.
            eevee = ["BLENDER_EEVEE", "BLENDER_EEVEE_NEXT"]
            problem = None
            for candidate in [name] + (eevee if name in eevee else []):
                try:
                    scene.render.engine = candidate
                    return
                except TypeError as error:
                    problem = problem or error
            raise Refusal(f"this Blender has no render engine \"{name}\": {problem}")

        def choose_camera(scene, name):
            if name is None:
                return
            camera = bpy.data.objects.get(name)
            if camera is None or camera.type != "CAMERA":
                cameras = [thing for thing in bpy.data.objects if thing.type == "CAMERA"]
                raise Refusal(f"the file has no camera \"{name}\"; it has {names(cameras)}")
            for marker in scene.timeline_markers:
                marker.camera = None
            scene.camera = camera

        def choose_samples(scene, count):
            if count is None:
                return
            if scene.render.engine == "CYCLES":
                scene.cycles.samples = int(count)
                scene.cycles.use_layer_samples = "IGNORE"
            elif scene.render.engine.startswith("BLENDER_EEVEE"):
                scene.eevee.taa_render_samples = int(count)

        def choose_output(scene, wanted):
            render = scene.render
            render.resolution_x = int(wanted["width"])
            render.resolution_y = int(wanted["height"])
            render.resolution_percentage = int(wanted["percentage"])
            image = render.image_settings
            multilayer = wanted["format"] == "OPEN_EXR_MULTILAYER"
            if hasattr(image, "media_type"):
                image.media_type = "MULTI_LAYER_IMAGE" if multilayer else "IMAGE"
            if image.file_format != wanted["format"]:
                try:
                    image.file_format = wanted["format"]
                except TypeError as error:
                    raise Refusal(f"this Blender can't write {wanted['format']}: {error}")
            if render.use_multiview:
                raise Refusal("the scene renders several views (stereoscopy), "
                              "which is not supported: switch it off and upload again")
            render.filepath = wanted["output"]
            render.use_file_extension = True
            render.use_overwrite = True
            render.use_placeholder = False
            if render.use_border and render.use_crop_to_border:
                say("cropped")

        def frames_of(scene):
            return scene.frame_start, scene.frame_end, scene.frame_step

        def set_up(wanted):
            scene = choose_scene(wanted)
            choose_engine(scene, wanted["engine"])
            choose_camera(scene, wanted.get("camera"))
            choose_samples(scene, wanted.get("samples"))
            wanted["device"] = choose_device(scene, wanted["processors"])
            choose_output(scene, wanted)
            choose_extras(scene, wanted)
            frames = frames_of(scene)
            if ",".join(map(str, frames)) != wanted["frames"]:
                raise Refusal(f"Blender took the frames {frames} for {wanted['frames']}")
            return scene

        """#

    private static let main = #"""
        threading.Thread(target=listen, daemon=True).start()
        say("opened", bpy.app.version_string)
        try:
            wanted = dict(
                argument.split("=", 1) for argument in sys.argv[sys.argv.index("--") + 1:])
            work(set_up(wanted), wanted)
        except Refusal as refusal:
            say("refused", refusal)
        except Exception as error:
            say("error", error)
        """#
}
