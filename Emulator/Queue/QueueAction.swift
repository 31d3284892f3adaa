/// What may be asked of the server.
enum QueueAction: String {
    case createQueue = "CreateQueue"
    case deleteQueue = "DeleteQueue"
    case getQueueURL = "GetQueueUrl"
    case listQueues = "ListQueues"
    case getQueueAttributes = "GetQueueAttributes"
    case setQueueAttributes = "SetQueueAttributes"
    case purgeQueue = "PurgeQueue"
    case sendMessage = "SendMessage"
    case sendMessageBatch = "SendMessageBatch"
    case receiveMessage = "ReceiveMessage"
    case deleteMessage = "DeleteMessage"
    case deleteMessageBatch = "DeleteMessageBatch"
    case changeMessageVisibility = "ChangeMessageVisibility"
    case changeMessageVisibilityBatch = "ChangeMessageVisibilityBatch"
}
