public import Bookshop
internal import Postgres
internal import Records

extension Shop {
    /// What an upload was declared to be made of, and what the storage holds of that. Nil where it knows of no such
    /// upload, or of none any more.
    public func parts(
        of upload: Upload
    ) throws -> (declared: DeclaredParts, kept: [HeldPart], name: String)? {
        guard let name = upload.multipart,
            let held = try multipart.parts(upload.bucket, upload.objectKey, name)
        else { return nil }
        let declared = try database.transaction { try $0.parts(of: upload) }
        return (declared, declared.kept(among: held), name)
    }
}
