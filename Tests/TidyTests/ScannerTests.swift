import Testing

/// The rules rest on these readers, so the readers must see what is there.
@Suite struct `The reader of Swift text` {
    private func functions(_ text: String) -> [Function] { SwiftText(text).functions }

    @Test func `counts a function's lines to its closing brace`() {
        let text = """
            struct A {
                func a() {
                    let text = "}"
                    run { if true { print("{") } }  // }
                }
                func b() {}
            }
            """
        #expect(
            functions(text) == [
                Function(name: "a", line: 2, parameterCount: 0, lineCount: 4),
                Function(name: "b", line: 6, parameterCount: 0, lineCount: 1),
            ])
    }

    @Test(arguments: [
        ("func a() {}", 0), ("func a(b: Int) {}", 1), ("func a(_ b: [Int: Int], c: Int) {}", 2),
        ("func a(b: (Int, c: Int) -> Int, d: Dictionary<Int, Int>) {}", 2),
        ("func a(b: Int = f(x: 1, y: 2), c: Int) {}", 2),
        ("func a<T: P>(b: T, c: T, d: T, e: T, f: T) where T: Q {}", 5),
        ("init?(b: Int, c: Int) {}", 2), ("static func < (a: Self, b: Self) -> Bool { true }", 2),
    ])
    func `counts parameters`(_ text: String, _ count: Int) {
        #expect(functions(text).map(\.parameterCount) == [count])
    }

    @Test func `sees that a protocol's functions have no body`() {
        let text = """
            protocol P {
                func a(b: Int) async throws(E) -> [Int]
                /// c
                var c: Int { get }
                func d() -> @Sendable () -> Void
                init(e: Int)
            }
            func f() -> @Sendable () -> Void {
                { }
            }
            """
        #expect(functions(text).map(\.lineCount) == [1, 1, 1, 3])
    }

    @Test func `does not count a call of an initializer`() {
        #expect(functions("let a = A.init(b: 1)\nself.init(c: 2)").isEmpty)
    }

    @Test func `keeps text out of code`() {
        let text = #"""
            let a = "func \(b("}" + "\(c)")) {" // func d() {
            /* { /* { */ */ let e = #"\" {"# + """
                "{"
                """
            let f = g.contains(/[{(]"/), h = i / j
            func `k } " l`() {}
            """#
        let swift = SwiftText(text)
        #expect(swift.functions.map(\.line) == [6])
        #expect(swift.functions.map(\.lineCount) == [1])
        #expect(String(decoding: swift.code, as: UTF8.self).count { $0 == "{" } == 1)
        #expect(
            swift.strings.map(\.text) == [
                "func ", "}", " {", #"\" {"#, "\n    \"{\"\n    ",
            ])
        #expect(swift.strings.map(\.line) == [1, 1, 1, 2, 2])
        #expect(swift.comments.map(\.text) == ["// func d() {", "/* { /* { */ */"])
    }

    @Test func `knows a type's members`() {
        let text = """
            enum A: Int {
                case b, c(Int, d: Int),
                    e = 1
                static let f = 1
                struct G { func h() {} }
            }
            extension B.A where T == Int { var i: Int { 1 } }
            """
        let bodies = SwiftText(text).typeBodies
        #expect(bodies.map(\.name) == ["A", "G", "A"])
        #expect(bodies[0].members == ["b", "c", "e", "f", "G", "h"])
        #expect(bodies[1].members == ["h"])
        #expect(bodies[2].members == ["i"])
    }

    @Test func `finds phrases as whole words`() {
        let phrases = ["told of", "tell"]
        #expect(PhraseFinder.phrases(phrases, in: "It is Told, of a job.") == ["told of"])
        #expect(PhraseFinder.phrases(phrases, in: "intellect untold off").isEmpty)
    }

    @Test func `finds the symbols that a comment names`() {
        let comment = "/// ``A/b(c:)`` and `D.E.f(g:)`, ``H``; not `I`, `j.k` or `l m`."
        #expect(SymbolFinder.symbols(in: comment) == [["A", "b"], ["H"], ["D", "E", "f"]])
    }
}
