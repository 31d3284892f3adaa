package import AWS

extension Bucket {
    /// The bucket of the settings, signed for by the role of the function.
    package static func live(_ name: String) throws -> Bucket {
        try Bucket(
            name, in: Region(Settings.required("AWS_REGION")), endpoint: Settings.optional("S3_ENDPOINT"),
            credentials: .live())
    }
}

extension Credentials {
    /// Those the platform gives to the function's role.
    package static func live() throws -> Credentials {
        try Credentials(
            accessKeyID: Settings.required("AWS_ACCESS_KEY_ID"),
            secretAccessKey: Settings.required("AWS_SECRET_ACCESS_KEY"),
            sessionToken: Settings.optional("AWS_SESSION_TOKEN"))
    }
}
