import ArgumentParser
import FarmOnAWS
import Foundation

/// The farm and the AWS account: the same options for every command that uses a farm.
struct FarmOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "The farm: a stack's name, local, or a file of variables.",
            discussion: "Default: the farm in the environment, else the one farm in .spotrender."))
    var stack: String?
    @Option(help: "The AWS Region. Default: the farm's Region.")
    var region: String?
    @Option(help: "The profile in AWS's shared files.")
    var profile: String?
    @Option(name: .customLong("endpoint-url"), help: "The address of the AWS APIs, if not AWS's.")
    var endpointURL: String?
    @Flag(help: "Print which file and which endpoint the command uses, to standard error.")
    var verbose = false

    func connect() throws -> Connection {
        let address = FarmAddress(
            stack: stack, region: region, profile: profile, endpointURL: endpointURL)
        return try Connection(address) { if verbose { note($0) } }
    }
}
