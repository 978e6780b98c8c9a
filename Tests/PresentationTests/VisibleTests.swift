import Presentation
import Testing

@Suite struct `Text for a terminal` {
    @Test(arguments: [
        "scene.blend", "Käm era;1", "日本語", "a\tb\nc", "e\u{301}", "👩‍🎨", "",
    ])
    func `stays as it is where it commands nothing`(_ text: String) {
        #expect(Format.visible(text) == text)
    }

    @Test func `has no line ends in a cell of a table`() {
        #expect(Format.visible("a\n\tb", keepsLines: false) == #"a\u{A}\u{9}b"#)
        #expect(Format.table([["x\ny", "z"]]) == [#"x\u{A}y  z"#])
    }

    @Test(arguments: [
        ("\u{1B}[31mred", #"\u{1B}[31mred"#),
        ("\u{1B}]0;title\u{7}", #"\u{1B}]0;title\u{7}"#),
        ("a\rb", #"a\u{D}b"#), ("a\r\nb", "a\\u{D}\nb"), ("\u{9B}2J", #"\u{9B}2J"#),
        ("\u{7F}\0", #"\u{7F}\u{0}"#), ("gpj\u{202E}exe.", #"gpj\u{202E}exe."#),
        ("a\u{2028}b", #"a\u{2028}b"#),
    ])
    func `shows commands in place of obeying them`(_ text: String, _ shown: String) {
        #expect(Format.visible(text) == shown)
    }
}
