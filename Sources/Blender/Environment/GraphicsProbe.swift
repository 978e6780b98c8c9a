import Farm
import Subprocess

extension BlenderProgram {
    /// Which graphics processors Cycles renders on with this Blender: asked as each render asks, without
    /// a scene. Throws why on none.
    ///
    /// - Parameter processors: As the kernel has them.
    func graphics(among processors: [String]) async throws(RenderFailure) -> String {
        let answer = await withTaskGroup(of: String.self) { group in
            group.addTask { await ask(processors) }
            group.addTask {
                do {
                    try await ContinuousClock().sleep(for: Self.answerMax)
                } catch {
                    // It has answered.
                }
                return "Blender did not answer in \(Self.answerMax.seconds) s"
            }
            defer { group.cancelAll() }
            return await group.next() ?? ""
        }
        if let (_, found) = answer.wholeMatch(of: /SPOTRENDER device ([A-Z]+: .*)/)?.output {
            return String(found)
        }
        let none = answer.wholeMatch(of: /SPOTRENDER device CPU, since (.*)/)?.output.1
        throw RenderFailure(
            .noBlender, none.map(String.init) ?? "Cycles does not say what it renders on: \(answer)"
        )
    }

    /// A first look at a driver takes seconds; a worker must not wait for one that hangs.
    private static let answerMax = Duration.seconds(60)

    /// The line that tells, or else the last.
    private func ask(_ processors: [String]) async -> String {
        let command = command(Sandbox.View(), hasDisplay: false)
        do {
            let result = try await Subprocess.run(
                .program(command[0]),
                arguments: Arguments(
                    command.dropFirst() + [
                        "--background", "--factory-startup", "--python-expr", Self.question, "--",
                        processors.joined(separator: ", "),
                    ]),
                environment: environment(home: "/tmp"),
                output: .string(limit: 1 << 20), error: .combinedWithOutput)
            let lines = result.standardOutput.split(separator: "\n")
            return String(
                (lines.last { $0.hasPrefix("SPOTRENDER device ") } ?? lines.last ?? "")
                    .prefix(BlenderTranscript.lineLengthMax))
        } catch {
            return missing(error).message
        }
    }

    private static let question = PythonModule.program(of: [.protocol, .devices, .graphics])
}
