import FoundationEssentials
import LambdaRuntime
import Testing

struct ErrorBody: Decodable {
    let errorMessage: String
    let errorType: String

    init(_ bytes: [UInt8]) throws {
        self = try JSONDecoder().decode(Self.self, from: FoundationEssentials.Data(bytes))
    }
}

struct CauseBody: Decodable {
    struct Exception: Decodable {
        let message: String
    }

    let exceptions: [Exception]

    init(_ bytes: [UInt8]) throws {
        self = try JSONDecoder().decode(Self.self, from: FoundationEssentials.Data(bytes))
    }
}

@Suite struct `An error report` {
    @Test(arguments: [
        ("SplitError", "Function.SplitError"), ("splitError", "Function.SplitError"),
        ("Generic<Int>", "Function.GenericInt"), ("Überlauf", "Function.Berlauf"),
        ("A", "Function.UnknownError"), ("", "Function.UnknownError"),
        ("404", "Function.UnknownError"), ("x\r\ny", "Function.Xy"),
    ])
    func `has a type that Lambda accepts`(_ name: String, _ type: String) {
        #expect(ErrorReport(.function, name, message: "").type == type)
    }

    @Test func `bounds the length of its type`() {
        let name = String(repeating: "Long", count: 1000)
        #expect(ErrorReport(.runtime, name, message: "").type.count == "Runtime.".count + 100)
    }

    @Test func `has the error's description`() throws {
        let report = ErrorReport(Refusal(description: "the table is gone"))
        #expect(report.type == "Function.Refusal")
        #expect(report.message == "the table is gone")
        let body = try ErrorBody(report.body)
        #expect(body.errorType == report.type)
    }
}

@Suite struct `A partial batch response` {
    @Test(arguments: [
        ([], #"{"batchItemFailures":[]}"#),
        (["a", "b"], #"{"batchItemFailures":[{"itemIdentifier":"a"},{"itemIdentifier":"b"}]}"#),
    ])
    func `is not wrapped`(_ ids: [String], _ json: String) {
        #expect(
            String(decoding: PartialBatchResponse(failedMessageIDs: ids).body, as: UTF8.self)
                == json)
    }
}
