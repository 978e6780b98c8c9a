import ArgumentParser
import Presentation

/// `--json`
struct JSONOption: ParsableArguments {
    @Flag(help: "Print one JSON document for programs; docs/json.md describes it.")
    var json = false
}

func showJSON(_ document: some Document) throws {
    show(String(decoding: try document.json(isPretty: true), as: UTF8.self))
}
