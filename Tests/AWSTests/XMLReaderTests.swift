import Testing

@testable import AWS

@Suite struct `An XML answer` {
    private func parse(_ text: String) throws(XMLError) -> XMLElement {
        try XMLElement(parsing: Array(text.utf8))
    }

    @Test func `becomes a tree`() throws {
        let root = try parse(
            "<?xml version=\"1.0\"?>\n<r xmlns=\"u\">\n <l><item>a &amp; ä&#10;</item><item/></l>\n</r>"
        )
        #expect(root.name == "r")
        #expect(root.text == "")
        #expect(root.list("l", of: "item").map(\.text) == ["a & ä\n", ""])
    }

    @Test(arguments: [1, 4095, 4096, 4097, 100_000])
    func `is read completely at any length`(_ length: Int) throws {
        let text = String(repeating: "é", count: length)
        #expect(try parse("<a>\(text)</a>").text == text)
    }

    @Test(arguments: ["", "<a>", "<a></b>", "text", "<a>&unknown;</a>", "<a/><b/>", "\u{0}"])
    func `that is malformed is refused`(_ text: String) {
        #expect(throws: XMLError.self) { try parse(text) }
    }

    @Test func `that defines entities is refused before they expand`() {
        let bomb = """
            <!DOCTYPE a [<!ENTITY x "ha"><!ENTITY y "&x;&x;&x;&x;&x;&x;&x;&x;">]><a>&y;</a>
            """
        #expect(throws: XMLError.documentType) { try parse(bomb) }
    }

    @Test func `is bounded in its depth and its number of elements`() {
        let deep = String(repeating: "<a>", count: 33) + String(repeating: "</a>", count: 33)
        #expect(throws: XMLError.tooDeep) { try parse(deep) }
        let wide = "<a>" + String(repeating: "<b/>", count: 200_000) + "</a>"
        #expect(throws: XMLError.tooLarge) { try parse(wide) }
    }
}
