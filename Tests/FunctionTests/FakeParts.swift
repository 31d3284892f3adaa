import Core

/// A storage that takes one upload in parts, and does as a test says.
final class FakeParts {
    var begun: [String] = []
    var aborted: [String] = []
    var put: [[UInt8]] = []
    var joined: [[Int]] = []
    /// What it holds; nothing where it knows no such upload.
    var held: [HeldPart]? = []
    var failure: OutsideFailure?
    /// What others do before it answers.
    var meanwhile: () throws -> Void = {}
    var knowsUpload = true

    var port: Multipart {
        Multipart(
            begin: { [self] bucket, key, mediaType in
                if let failure { throw failure }
                begun.append("\(bucket)/\(key) \(mediaType)")
                let name = "m-\(begun.count)"
                try meanwhile()
                return name
            },
            put: { [self] _, _, _, number, bytes in
                if let failure { throw failure }
                put.append(bytes)
                return HeldPart(number: number, bytes: bytes.count, entityTag: "\"\(number)\"", sha256: nil)
            },
            parts: { [self] _, _, _ in held },
            join: { [self] _, _, _, parts in
                try meanwhile()
                if let failure { throw failure }
                joined.append(parts.map(\.number))
                return knowsUpload
            },
            abort: { [self] _, _, name in
                if let failure { throw failure }
                aborted.append(name)
            })
    }
}
