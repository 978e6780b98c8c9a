import Testing

@Suite struct `Words` {
    @Test func `a sentence that people read has none of the past offenders`() throws {
        expectOnlyOwed(.plainPhrases, try ProseRules.plainPhrases())
    }

    @Test func `a name that was changed is gone everywhere`() throws {
        expectOnlyOwed(.oldNames, try ProseRules.oldNames())
    }

    @Test func `the Spot emulator has no second name`() throws {
        expectOnlyOwed(.plane, try ProseRules.plane())
    }

    @Test func `decision records are numbered without gaps`() throws {
        expectOnlyOwed(.decisionNumbers, try ProseRules.decisionNumbers())
    }

    @Test func `a symbol that a comment names exists`() throws {
        expectOnlyOwed(.namedSymbols, try ProseRules.namedSymbols())
    }
}
