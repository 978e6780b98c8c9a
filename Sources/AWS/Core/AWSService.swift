/// The services we call, and what their names are in each place that names them.
package enum AWSService: String, CaseIterable, Hashable, Sendable {
    case s3 = "S3"
    case sqs = "SQS"
    case dynamoDB = "DynamoDB"
    case autoScaling = "Auto Scaling"
    case ec2 = "EC2"
    case sts = "STS"
    case sns = "SNS"

    /// In host names, in the scope of a signature and before the colon of an IAM action.
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
