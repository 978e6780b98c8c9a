import Farm
import Subprocess

extension BlenderProgram {
    /// The graphics processors that Cycles renders on with this Blender. The question is that of
    /// each render, without a scene. Throws the reason where there are none.
    ///
    /// - Parameter processors: The processors as the kernel lists them.
    func graphics(among processors: [String]) async throws(RenderFailure) -> String {
        let answer = await withTaskGroup(of: String.self) { group in
            group.addTask { await ask(processors) }
            group.addTask {
                do {
                    try await ContinuousClock().sleep(for: Self.answerMax)
                } catch {
                    // Blender answered first.
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
            .noBlender,
            none.map(String.init) ?? "Cycles does not report what it renders on: \(answer)"
        )
    }

    /// The first use of a driver takes seconds. A worker must not wait for a driver that hangs.
    private static let answerMax = Duration.seconds(60)

    /// The line with the answer. Without an answer, the last line.
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
