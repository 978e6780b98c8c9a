import Testing

@Suite struct `Words` {
    @Test func `a sentence that people read has none of the past offenders`() throws {
        expectNone(try ProseRules.plainPhrases())
    }

    @Test func `a name that was changed is gone everywhere`() throws {
        expectNone(try ProseRules.oldNames())
    }

    @Test func `the Spot emulator has no second name`() throws {
        expectNone(try ProseRules.plane())
    }

    @Test func `decision records are numbered without gaps`() throws {
        expectNone(try ProseRules.decisionNumbers())
    }

    @Test func `a symbol that a comment names exists`() throws {
        expectNone(try ProseRules.namedSymbols())
    }
}
