import HTTP
import Testing

@testable import AWS

@Suite struct `A DynamoDB table` {
    private let key: DynamoDB.Item = ["pk": "job#1", "sk": "task#2"]

    @Test func `returns an item or nothing`() async throws {
        let transport = ScriptedTransport(
            .json(
                """
                {"Item":{"s":{"S":"a"},"n":{"N":"1.5"},"b":{"BOOL":true},"z":{"NULL":true},\
                "l":{"L":[{"N":"1"},{"S":"x"}]},"m":{"M":{"k":{"S":"v"}}},"y":{"B":"AP8="}}}
                """), .json("{}"))
        let table = try DynamoDB(.test(transport))
        let item = try await table.getItem(table: "t", key: key)
        #expect(
            item == [
                "s": .s("a"), "n": .n("1.5"), "b": .bool(true), "z": .null,
                "l": .list([.n("1"), .s("x")]), "m": .map(["k": .s("v")]),
                "y": .binary([0, 255]),
            ])
        #expect(item?["n"]?.double == 1.5)
        #expect(item?["n"]?.int == nil)
        #expect(try await table.getItem(table: "t", key: key, isConsistent: false) == nil)
        #expect(transport.requests[0].header("X-Amz-Target") == "DynamoDB_20120810.GetItem")
        #expect(
            transport.requests[0].text == """
                {"ConsistentRead":true,"Key":{"pk":{"S":"job#1"},"sk":{"S":"task#2"}},\
                "TableName":"t"}
                """)
    }

    @Test func `accepts every type of value`() async throws {
        let transport = ScriptedTransport(.json("{}"))
        try await DynamoDB(.test(transport)).putItem(
            .init(
                table: "t",
                item: [
                    "a": "ä/\"\n", "b": 7, "c": .number(0.25), "d": false, "e": .null,
                    "f": .list([]), "g": .map([:]), "h": .binary([1, 2, 3]),
                ]))
        #expect(
            transport.requests[0].text == """
                {"Item":{"a":{"S":"ä/\\"\\n"},"b":{"N":"7"},"c":{"N":"0.25"},"d":{"BOOL":false},\
                "e":{"NULL":true},"f":{"L":[]},"g":{"M":{}},"h":{"B":"AQID"}},"TableName":"t"}
                """)
    }

    @Test
    func `stores an item on a condition, and returns the existing item when it does not hold`()
        async throws
    {
        let transport = ScriptedTransport(
            .json(
                """
                {"__type":"com.amazonaws.dynamodb.v20120810#ConditionalCheckFailedException",\
                "message":"The conditional request failed","Item":{"pk":{"S":"job#1"}}}
                """, status: 400))
        let table = try DynamoDB(.test(transport))
        await #expect(throws: DynamoDBError.conditionFailed(item: ["pk": "job#1"])) {
            try await table.putItem(
                .init(table: "t", item: key, condition: "attribute_not_exists(pk)"))
        }
        #expect(
            transport.requests[0].text == """
                {"ConditionExpression":"attribute_not_exists(pk)",\
                "Item":{"pk":{"S":"job#1"},"sk":{"S":"task#2"}},\
                "ReturnValuesOnConditionCheckFailure":"ALL_OLD","TableName":"t"}
                """)
    }

    @Test func `separates a condition that did not hold from a call that failed`() async throws {
        let table = try DynamoDB(
            .test(
                ScriptedTransport(
                    .json(#"{"__type":"x#ResourceNotFoundException"}"#, status: 400))))
        let error = await #expect(throws: DynamoDBError.self) {
            try await table.updateItem(.init(table: "t", key: key, update: "REMOVE x"))
        }
        guard case .call(let call) = error else {
            Issue.record("\(String(describing: error))")
            return
        }
        #expect(call.isNotFound)
    }

    @Test func `updates an item on a condition`() async throws {
        let transport = ScriptedTransport(.json("{}"))
        try await DynamoDB(.test(transport)).updateItem(
            .init(
                table: "t", key: key, update: "SET #n = #n + :one", condition: "#n < :max",
                names: ["#n": "n"], values: [":one": 1, ":max": 9]))
        #expect(
            transport.requests[0].text == """
                {"ConditionExpression":"#n < :max","ExpressionAttributeNames":{"#n":"n"},\
                "ExpressionAttributeValues":{":max":{"N":"9"},":one":{"N":"1"}},\
                "Key":{"pk":{"S":"job#1"},"sk":{"S":"task#2"}},\
                "ReturnValuesOnConditionCheckFailure":"ALL_OLD","TableName":"t",\
                "UpdateExpression":"SET #n = #n + :one"}
                """)
    }

    @Test func `is queried page by page`() async throws {
        let transport = ScriptedTransport(
            .json(#"{"Items":[{"a":{"N":"1"}}],"LastEvaluatedKey":{"pk":{"S":"k"}}}"#),
            .json(#"{"Items":[],"LastEvaluatedKey":{"pk":{"S":"l"}}}"#),
            .json(#"{"Items":[{"a":{"N":"2"}}]}"#))
        let result = try await DynamoDB(.test(transport)).queryAll(
            .init(
                table: "t", index: "holder", keyCondition: "holder = :h", values: [":h": "i-1"],
                isForward: false, limit: 50),
            itemsMax: 100)
        #expect(result.items == [["a": 1], ["a": 2]])
        #expect(result.isComplete)
        let head = """
            "ExpressionAttributeValues":{":h":{"S":"i-1"}},"IndexName":"holder",\
            "KeyConditionExpression":"holder = :h","Limit":50,"ScanIndexForward":false,\
            "TableName":"t"}
            """
        #expect(
            transport.requests.map(\.text) == [
                "{" + head, #"{"ExclusiveStartKey":{"pk":{"S":"k"}},"# + head,
                #"{"ExclusiveStartKey":{"pk":{"S":"l"}},"# + head,
            ])
    }

    @Test func `is read no further than the caller's bound`() async throws {
        let transport = ScriptedTransport(
            .json(#"{"Items":[{"a":{"N":"1"}}],"LastEvaluatedKey":{"pk":{"S":"k"}}}"#))
        let result = try await DynamoDB(.test(transport)).queryAll(
            .init(table: "t", keyCondition: "pk = :p", values: [":p": "x"]), itemsMax: 1)
        #expect(result.items.count == 1)
        #expect(!result.isComplete)
    }
}

@Suite struct `A transaction` {
    private let key: DynamoDB.Item = ["pk": "a"]

    @Test func `holds puts and updates, and a token against repetition`() async throws {
        let transport = ScriptedTransport([
            .failure(.fault(.timeout)), .success(.json("{}")),
        ])
        try await DynamoDB(.test(transport)).transactWrite([
            .put(.init(table: "t", item: key)),
            .update(
                .init(
                    table: "t", key: key, update: "REMOVE x", condition: "a = :a",
                    values: [":a": 1])),
        ])
        #expect(
            transport.requests[0].text == """
                {"ClientRequestToken":"80808080808080808080808080808080","TransactItems":[\
                {"Put":{"Item":{"pk":{"S":"a"}},"TableName":"t"}},\
                {"Update":{"ConditionExpression":"a = :a",\
                "ExpressionAttributeValues":{":a":{"N":"1"}},"Key":{"pk":{"S":"a"}},\
                "ReturnValuesOnConditionCheckFailure":"ALL_OLD","TableName":"t",\
                "UpdateExpression":"REMOVE x"}}]}
                """)
        #expect(transport.requests[1].text == transport.requests[0].text)
    }

    @Test func `that is canceled has a reason for each write`() async throws {
        let transport = ScriptedTransport(
            .json(
                """
                {"__type":"com.amazonaws.dynamodb.v20120810#TransactionCanceledException",\
                "Message":"Transaction cancelled","CancellationReasons":[{"Code":"None"},\
                {"Code":"ConditionalCheckFailed","Message":"m","Item":{"pk":{"S":"a"}}},\
                {"Code":"TransactionConflict","Message":"m"},\
                {"Code":"ThrottlingError"},{"Code":"ValidationError","Message":"bad"}]}
                """, status: 400))
        let table = try DynamoDB(.test(transport))
        let error = await #expect(throws: DynamoDBError.self) {
            try await table.transactWrite([.put(.init(table: "t", item: key))])
        }
        #expect(
            error
                == .transactionCanceled([
                    .none, .conditionFailed(item: ["pk": "a"]), .conflict,
                    .throttled(code: "ThrottlingError"),
                    .other(code: "ValidationError", message: "bad"),
                ]))
        #expect(error?.isRetryable == false)
        #expect(transport.requests.count == 1)
    }

    @Test func `that only conflicted with another may be retried`() {
        #expect(DynamoDBError.transactionCanceled([.none, .conflict]).isRetryable)
    }
}
