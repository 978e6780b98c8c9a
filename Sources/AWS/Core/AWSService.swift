/// The AWS services that this client calls, with their names in hosts, signatures and variables.
package enum AWSService: String, CaseIterable, Hashable, Sendable {
    case s3 = "S3"
    case sqs = "SQS"
    case dynamoDB = "DynamoDB"
    case autoScaling = "Auto Scaling"
    case ec2 = "EC2"
    case sts = "STS"
    case sns = "SNS"

    /// The name in hosts, in a signature's scope and before the colon of an IAM action.
    var prefix: String {
        switch self {
        case .s3: "s3"
        case .sqs: "sqs"
        case .dynamoDB: "dynamodb"
        case .autoScaling: "autoscaling"
        case .ec2: "ec2"
        case .sts: "sts"
        case .sns: "sns"
        }
    }

    /// The end of `AWS_ENDPOINT_URL_…`.
    var variableSuffix: String {
        switch self {
        case .s3: "S3"
        case .sqs: "SQS"
        case .dynamoDB: "DYNAMODB"
        case .autoScaling: "AUTO_SCALING"
        case .ec2: "EC2"
        case .sts: "STS"
        case .sns: "SNS"
        }
    }

    var pathStyle: Signer.PathStyle { self == .s3 ? .asSent : .normalized }
}
