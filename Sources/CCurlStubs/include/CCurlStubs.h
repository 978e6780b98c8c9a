// The stubs are found by the linker alone: nothing is declared for Swift.
