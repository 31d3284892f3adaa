/// The sizes covers are kept in: squares they fit, in pixels.
public enum CoverSize: Int, CaseIterable, Sendable {
    case thumbnail = 160
    case small = 400
    case medium = 800
    case large = 1600
}

/// What a picture is found to be.
public struct PictureProbe: Hashable, Sendable {
    public let mediaType: String
    public let width: Int
    public let height: Int

    /// Less is a stamp; more would be decoded for longer than it is looked at.
    public static let pixels = 160...8000

    public init(mediaType: String, width: Int, height: Int) {
        (self.mediaType, self.width, self.height) = (mediaType, width, height)
    }

    /// Why this is no cover we take, if so.
    public var rejection: Upload.Rejection? {
        if min(width, height) < Self.pixels.lowerBound { return .pictureTooSmall }
        if max(width, height) > Self.pixels.upperBound { return .pictureTooLarge }
        return nil
    }
}

/// A JPEG of ours.
public struct Picture: Hashable, Sendable {
    public let bytes: [UInt8]
    public let width: Int
    public let height: Int

    public init(bytes: [UInt8], width: Int, height: Int) {
        (self.bytes, self.width, self.height) = (bytes, width, height)
    }

    /// As large as its frame header says (ITU-T T.81, B.2.2); nil for what is no JPEG.
    public init?(jpeg bytes: [UInt8]) {
        func number(_ index: Int) -> Int { Int(bytes[index]) << 8 | Int(bytes[index + 1]) }
        guard bytes.starts(with: [0xFF, 0xD8]) else { return nil }
        var index = 2
        while index + 9 <= bytes.count, bytes[index] == 0xFF {
            let marker = bytes[index + 1]
            let isFrame = (0xC0...0xCF).contains(marker) && ![0xC4, 0xC8, 0xCC].contains(marker)
            guard isFrame else {
                index += 2 + number(index + 2)
                continue
            }
            self.init(bytes: bytes, width: number(index + 7), height: number(index + 5))
            return
        }
        return nil
    }
}

/// What the shop needs done to pictures, each named by an address it can be read at. Failures are
/// `OutsideFailure`: `.refused` says that the file itself is bad.
public struct PictureTools {
    public var probe: (_ url: String) throws -> PictureProbe
    /// As a JPEG that fits a square of so many pixels. It is never made larger.
    public var fitted: (_ url: String, _ pixels: Int) throws -> Picture
    /// The picture that a recording carries along, likewise; none if it carries none.
    public var embedded: (_ url: String, _ pixels: Int) throws -> Picture?

    public init(
        probe: @escaping (_ url: String) throws -> PictureProbe,
        fitted: @escaping (_ url: String, _ pixels: Int) throws -> Picture,
        embedded: @escaping (_ url: String, _ pixels: Int) throws -> Picture?
    ) {
        (self.probe, self.fitted, self.embedded) = (probe, fitted, embedded)
    }

    public static var unset: PictureTools {
        PictureTools(
            probe: { _ in throw Unset("PictureTools.probe") },
            fitted: { _, _ in throw Unset("PictureTools.fitted") },
            embedded: { _, _ in throw Unset("PictureTools.embedded") })
    }
}

/// A file we made ourselves and stored: its name in the storage is made of its bytes, so that storing it
/// again is storing the same.
public struct StoredFile: Hashable, Sendable {
    public let bucket: String
    public let objectKey: String
    public let sha256: [UInt8]
    public let bytes: Int

    public init(bucket: String, objectKey: String, sha256: [UInt8], bytes: Int) {
        (self.bucket, self.objectKey, self.sha256, self.bytes) = (bucket, objectKey, sha256, bytes)
    }
}

/// A cover as it is stored in one of its sizes.
public struct StoredPicture: Hashable, Sendable {
    public let size: CoverSize
    public let file: StoredFile
    public let width: Int
    public let height: Int

    public init(_ size: CoverSize, _ file: StoredFile, width: Int, height: Int) {
        (self.size, self.file, self.width, self.height) = (size, file, width, height)
    }
}
