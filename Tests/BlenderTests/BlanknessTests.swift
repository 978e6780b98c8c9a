import Farm
import FoundationEssentials
import Subprocess
import SystemPackage
import Testing

@testable import Blender

/// Checked with PNGs of ImageMagick, with each filter that a row may have.
@Suite struct `A blank picture` {
    struct Picture: Sendable, CustomStringConvertible {
        let description: String
        /// ImageMagick's arguments for it.
        let form: String
        let color: String
        var point: String?
        let isBlank: Bool
    }

    static let pictures = [
        Picture(description: "black", form: "PNG24", color: "black", isBlank: true),
        Picture(description: "black with alpha", form: "PNG32", color: "black", isBlank: true),
        Picture(description: "clear", form: "PNG32", color: "rgba(255,9,7,0)", isBlank: true),
        Picture(description: "clear, deep", form: "PNG64", color: "rgba(255,9,7,0)", isBlank: true),
        Picture(
            description: "black but for the last pixel", form: "PNG24", color: "black",
            point: "rgb(0,0,1)", isBlank: false),
        Picture(
            description: "clear but for the last pixel", form: "PNG32", color: "rgba(255,9,7,0)",
            point: "rgba(255,9,7,1)", isBlank: false),
        Picture(description: "gray", form: "PNG64", color: "gray(1%)", isBlank: false),
    ]

    @Test(arguments: pictures, 0...4)
    func `is found among others`(_ picture: Picture, filter: Int) async throws {
        try await withDirectory { directory in
            let path = "\(directory)/frame.png"
            let made = try await Subprocess.run(
                .name("convert"),
                arguments: Arguments(
                    ["-size", "33x21", "xc:\(picture.color)"]
                        + (picture.point.map { ["-fill", $0, "-draw", "point 32,20"] } ?? [])
                        + [
                            "-define", "png:compression-filter=\(filter)", "-depth",
                            picture.form == "PNG64" ? "16" : "8", "\(picture.form):\(path)",
                        ]),
                output: .discarded, error: .string(limit: 4096))
            try #require(made.terminationStatus.isSuccess, "\(made.standardError)")
            let check = PictureCheck(format: .png, size: PixelSize(width: 33, height: 21))
            #expect(try check.check(path).isBlank == picture.isBlank)
        }
    }
}

/// Checked with pictures of Blender: see `make_pictures.py`.
@Suite struct `A blank picture from Blender` {
    @Test func `is found among others, in files of layers too`() async throws {
        try await withDirectory { directory in
            let made = try await Subprocess.run(
                .program(BlenderProgram.tried.name),
                arguments: [
                    "--background", "--factory-startup", "--python",
                    fixture("make_pictures.py"), "--", directory,
                ], output: .discarded, error: .string(limit: 4096))
            try #require(made.terminationStatus.isSuccess, "\(made.standardError)")
            let names = try FileManager.default.contentsOfDirectory(atPath: directory)
            #expect(names.count == 7 * 4 + 4)
            for name in names {
                let format: ImageFormat =
                    name.hasPrefix("tiff")
                    ? .tiff : name.hasPrefix("exr") ? .openEXR : .multilayerEXR
                let kind = name.split(separator: ".")[1]
                // A format without alpha stores transparent pixels as black.
                let isBlank = kind.hasPrefix("black") || kind.hasPrefix("clear")
                let finding = try PictureCheck(
                    format: format, size: PixelSize(width: 33, height: 21)
                )
                .check("\(directory)/\(name)")
                #expect(finding.isBlank == isBlank, "\(name)")
            }
        }
    }
}
