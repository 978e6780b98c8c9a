import Testing

/// A change of the scene of `make_slice_scene.py`.
struct SceneChange: CustomTestStringConvertible, Sendable {
    let testDescription: String
    let script: String

    init(_ description: String, _ script: String) {
        testDescription = description
        self.script = script
    }

    /// Pictures that Blender makes from more than one pass, layer or step.
    static let sliceable = [
        SceneChange(
            "blurred, balanced and laid over a color, from a transparent film",
            """
            render.film_transparent = True
            add, layers, link, picture = compositor()
            blur = add("Blur", size_x=3, size_y=3)
            balance = add("ColorBalance", gain=(1.2, 1, 0.9))
            over = add("AlphaOver")
            over.inputs[1].default_value = (0.1, 0.3, 0.6, 1)
            link(layers.outputs["Image"], blur.inputs["Image"])
            link(blur.outputs[0], balance.inputs["Image"])
            link(balance.outputs[0], over.inputs[2])
            link(over.outputs[0], picture)
            """),
        SceneChange(
            "of passes that are means, and of the first sample's passes",
            """
            layer.use_pass_z = layer.use_pass_ambient_occlusion = layer.use_pass_mist = True
            layer.use_pass_object_index = layer.use_pass_normal = True
            layer.use_pass_diffuse_color = layer.use_pass_position = True
            layer.use_pass_vector = layer.use_pass_cryptomatte_object = True
            add, layers, link, picture = compositor()
            color = layers.outputs["Image"]
            for name in ["AO", "DiffCol", "Normal", "Position"]:
                mix = add("MixRGB", blend_type="ADD")
                link(color, mix.inputs[1])
                link(layers.outputs[name], mix.inputs[2])
                color = mix.outputs[0]
            near = add("MapRange", use_clamp=True)
            near.inputs[1].default_value, near.inputs[2].default_value = 2, 12
            link(layers.outputs["Depth"], near.inputs[0])
            mask = add("IDMask", index=3)
            link(layers.outputs["IndexOB"], mask.inputs[0])
            for fac in [near.outputs[0], mask.outputs[0], layers.outputs["Mist"]]:
                mix = add("MixRGB")
                link(fac, mix.inputs[0])
                link(color, mix.inputs[1])
                color = mix.outputs[0]
            link(color, picture)
            """),
        SceneChange(
            "of two view layers",
            """
            second = scene.view_layers.new("Second, 2.5")
            monkey = bpy.data.objects["Suzanne"]
            scene.collection.objects.unlink(monkey)
            own = bpy.data.collections.new("Own")
            scene.collection.children.link(own)
            own.objects.link(monkey)
            layer.layer_collection.children["Own"].exclude = True
            render.film_transparent = True
            add, layers, link, picture = compositor()
            others = add("RLayers", layer=second.name)
            over = add("AlphaOver")
            link(layers.outputs["Image"], over.inputs[1])
            link(others.outputs["Image"], over.inputs[2])
            link(over.outputs[0], picture)
            """),
        SceneChange(
            "of a pass and a light group of the scene's own",
            """
            layer.aovs.add().name = "Grain"
            tree = shine.node_tree
            grain = tree.nodes.new("ShaderNodeOutputAOV")
            grain.name = "Grain"
            tree.links.new(
                tree.nodes.new("ShaderNodeTexNoise").outputs["Color"], grain.inputs["Color"])
            layer.lightgroups.add().name = "Lamp"
            bpy.data.objects["Area"].lightgroup = "Lamp"
            add, layers, link, picture = compositor()
            mix = add("MixRGB", blend_type="ADD")
            link(layers.outputs["Grain"], mix.inputs[1])
            link(layers.outputs["Combined_Lamp"], mix.inputs[2])
            link(mix.outputs[0], picture)
            """),
        SceneChange(
            "with blur of motion and of depth",
            """
            render.use_motion_blur = True
            monkey = bpy.data.objects["Suzanne"]
            for frame in (0, 2):
                monkey.location.x = frame / 2
                monkey.keyframe_insert("location", frame=frame)
            lens = scene.camera.data.dof
            lens.use_dof, lens.aperture_fstop, lens.focus_distance = True, 0.4, 4
            """),
        SceneChange("in a border", border + "render.use_crop_to_border = False"),
        SceneChange("cropped to a border", border + "render.use_crop_to_border = True"),
        SceneChange("in many tiles", "cycles.use_auto_tile, cycles.tile_size = True, 16"),
    ]

    private static let border = """
        render.use_border = True
        render.border_min_x, render.border_max_x = 0.2, 0.7
        render.border_min_y, render.border_max_y = 0.1, 0.8

        """

    /// Scenes whose render is no mean of slices, with a part of each reason.
    static let unsliceable: [(SceneChange, reasons: [String])] = [
        (
            SceneChange(
                "by its settings",
                """
                cycles.use_adaptive_sampling = True
                cycles.time_limit = 5
                cycles.auto_scrambling_distance = True
                cycles.use_guiding = True
                cycles.sample_offset = 4
                layer.samples = 8
                layer.aovs.add().name = "Depth"
                bpy.data.objects["Plane"].is_shadow_catcher = True
                new = bpy.app.version >= (4, 3)
                draw = bpy.ops.object.grease_pencil_add if new else bpy.ops.object.gpencil_add
                draw(type="STROKE")
                render.use_freestyle = True
                strips = scene.sequence_editor_create().sequences
                strips.new_effect("Color", "COLOR", 1, frame_start=1, frame_end=9)
                """),
            [
                "adaptive sampling", "time limit", "scrambling distance", "path guiding",
                "a part of its samples", "samples of their own", "can't be distinguished",
                "shadow catcher", "Grease Pencil", "Freestyle", "the sequencer",
            ]
        ),
        (
            SceneChange(
                "by its compositor",
                """
                layer.use_pass_vector = layer.use_pass_diffuse_direct = True
                add, layers, link, picture = compositor()
                link(layers.outputs["Vector"], picture)
                link(layers.outputs["DiffDir"], add("Viewer").inputs["Image"])
                add("RLayers", scene=bpy.data.scenes.new("Other"))
                add("CryptomatteV2")
                bpy.ops.render.render()
                add("Image", image=bpy.data.images["Render Result"])
                """),
            [
                "passes that can't be merged: DiffDir, Vector", "another scene's render",
                "Cryptomatte",
                "an earlier render",
            ]
        ),
        (
            SceneChange(
                "by a compositor that leaves the render out",
                """
                add, layers, link, picture = compositor()
                layers.mute = True
                """),
            ["without a render"]
        ),
    ]
}
