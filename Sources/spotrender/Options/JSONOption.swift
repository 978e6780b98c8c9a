import ArgumentParser
import Foundation
import Presentation

/// `--json`
struct JSONOption: ParsableArguments {
    @Flag(help: "Print one JSON document for programs; docs/json.md describes it.")
    var json = false
}

func showJSON(_ document: some Document) throws {
    // Programs get every character as it is.
    FileHandle.standardOutput.write(try document.json(isPretty: true) + Data("\n".utf8))
}
