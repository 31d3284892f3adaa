internal import AWS
public import Bookshop
import FoundationEssentials

extension Bucket {
    /// The bucket of the settings, signed for by the role of the function.
    package static func live(_ name: String) throws -> Bucket {
        let credentials = try Credentials(
            accessKeyID: Settings.required("AWS_ACCESS_KEY_ID"),
            secretAccessKey: Settings.required("AWS_SECRET_ACCESS_KEY"),
            sessionToken: Settings.optional("AWS_SESSION_TOKEN"))
        return try Bucket(
            name, in: Region(Settings.required("AWS_REGION")), endpoint: Settings.optional("S3_ENDPOINT"),
            credentials: credentials)
    }
}
