import ArgumentParser
@main struct Spotrender: AsyncParsableCommand { func run() async throws {} }
