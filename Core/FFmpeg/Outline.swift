internal import Bookshop
internal import FoundationEssentials
internal import Glibc

/// Reads a range of what stands at an address; answers also how many bytes there are in all.
public typealias RangeReader = (_ url: String, _ range: Range<Int>) throws -> (bytes: [UInt8], total: Int)

/// An MP4 without its sound: enough to be told where in the file each moment lies. The table that says so is
/// megabytes for a book of hours, and FFmpeg reads it anew for each piece of it.
///
/// ISO/IEC 14496-12, section 4.2: a file is a row of boxes, each with its size and its type; a size of 1 is
/// followed by one of 64 bits, and of 0 goes to the end.
struct Outline {
    let total: Int
    private var pieces: [(place: Int, bytes: [UInt8])] = []

    private static let firstBytes = 64 << 10
    private static let mostBoxes = 64
    private static let largestBox = 64 << 20

    /// Nil for what is no MP4, comes in fragments, or is not what it says.
    init?(_ read: (Range<Int>) throws -> (bytes: [UInt8], total: Int)) throws {
        let (first, total) = try read(0..<Self.firstBytes)
        self.total = total
        guard first.count >= 16, first[4..<8].elementsEqual("ftyp".utf8) else { return nil }
        var (place, hasTable) = (0, false)
        func bytes(_ range: Range<Int>) throws -> [UInt8] {
            let known = first[min(range.lowerBound, first.count)..<min(range.upperBound, first.count)]
            if known.count == range.count { return Array(known) }
            return known + (try read(range.lowerBound + known.count..<range.upperBound).bytes)
        }
        for _ in 0..<Self.mostBoxes where total - place >= 8 {
            let header = try bytes(place..<min(place + 16, total))
            guard let box = Box(header, left: total - place) else { return nil }
            switch box.type {
            case "moof", "sidx": return nil
            case "mdat", "free", "skip", "wide": pieces.append((place, header))
            default:
                guard box.size <= Self.largestBox else { return nil }
                pieces.append((place, try bytes(place..<place + box.size)))
            }
            hasTable = hasTable || box.type == "moov"
            place += box.size
        }
        guard hasTable, total - place < 8 else { return nil }
    }

    private struct Box {
        let size: Int
        let type: String

        init?(_ header: [UInt8], left: Int) {
            guard header.count >= 8 else { return nil }
            func number(_ range: Range<Int>) -> UInt64 { header[range].reduce(0) { $0 << 8 | UInt64($1) } }
            var size = number(0..<4)
            if size == 1 {
                guard header.count >= 16 else { return nil }
                size = number(8..<16)
            }
            if size == 0 { size = UInt64(left) }
            guard size >= 8, size <= UInt64(left) else { return nil }
            (self.size, type) = (Int(size), String(decoding: header[4..<8], as: UTF8.self))
        }
    }

    /// A file of the whole's size in which nothing else is: holes take no room.
    func file() throws(AudioError) -> HollowFile {
        let file = try HollowFile(size: total)
        for piece in pieces { try file.write(piece.bytes, at: piece.place) }
        return file
    }
}

/// A file with holes, for as long as it is held.
final class HollowFile {
    let path: String
    private let descriptor: Int32

    init(size: Int) throws(AudioError) {
        var template = Array("\(FileManager.default.temporaryDirectory.path)/earshelf-XXXXXX".utf8CString)
        descriptor = mkstemp(&template)
        path = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
        guard descriptor >= 0, fcntl(descriptor, F_SETFD, FD_CLOEXEC) == 0 else { throw Self.failure }
        guard ftruncate(descriptor, size) == 0 else { throw Self.failure }
    }

    deinit {
        close(descriptor)
        unlink(path)
    }

    func write(_ bytes: [UInt8], at place: Int) throws(AudioError) {
        var done = 0
        while done < bytes.count {
            let count = bytes.withUnsafeBytes {
                pwrite(descriptor, $0.baseAddress.map { $0 + done }, bytes.count - done, off_t(place + done))
            }
            guard count > 0 else { throw Self.failure }
            done += count
        }
    }

    private static var failure: AudioError {
        .failed("no temporary file: \(String(cString: strerror(errno)))")
    }
}

/// The outline of the file that was read of last, which the next piece is mostly of too.
final class KnownOutline {
    private var known: (address: Substring, outline: Outline?)?

    /// Signed anew, an address is another only in its query.
    func outline(of url: String, _ make: () throws -> Outline?) rethrows -> Outline? {
        let address = url.prefix { $0 != "?" }
        if let known, known.address == address { return known.outline }
        let outline = try make()
        known = (address, outline)
        return outline
    }
}

extension Programs {
    /// As `listen`, with the table of an MP4 read once for all of its pieces, and of its sound only the piece.
    /// Nil where it cannot be had so: FFmpeg then reads itself, and says what is wrong.
    func listenByOutline(_ url: String, _ span: Span, _ ranges: RangeReader) throws(AudioError) -> Sound? {
        guard
            let outline = try? outlines.outline(of: url, { try Outline { range in try ranges(url, range) } }),
            let file = try? outline.file()
        else { return nil }
        let local = Programs(allowsFiles: true, memoryBytes: memoryBytes, deadline: deadline)
        guard let place = try local.place(of: span, in: file.path, total: outline.total) else { return nil }
        for start in stride(from: place.lowerBound, to: place.upperBound, by: Self.mostBytesAtOnce) {
            let range = start..<min(start + Self.mostBytesAtOnce, place.upperBound)
            guard let bytes = try? ranges(url, range).bytes, bytes.count == range.count else { return nil }
            try file.write(bytes, at: start)
        }
        let sound = try local.listen(file.path, span)
        // What is missing is not decoded.
        return span.durationMilliseconds - sound.span.durationMilliseconds < 200 ? sound : nil
    }

    private static var mostBytesAtOnce: Int { 8 << 20 }
    private static var longestPlace: Int { 128 << 20 }

    /// Where in the file a span's sound lies, with a little before and behind it, from which decoders begin
    /// and in which they end.
    private func place(of span: Span, in path: String, total: Int) throws(AudioError) -> Range<Int>? {
        let (start, end) = (max(0, span.startMilliseconds - 2000), span.endMilliseconds + 2000)
        // Seeking to 0 would leave out what stands before it to warm the decoder.
        let from = start > 0 ? inSeconds(start) : ""
        let child = try probe(
            path, formats: "mov,mp4,m4a,3gp,3g2,mj2", seconds: 60,
            [
                "-ignore_chapters", "1", "-select_streams", "a:0", "-read_intervals",
                "\(from)%+#1,\(inSeconds(end))%+#1", "-show_entries", "packet=pts_time,size,pos",
                "-of", "csv=p=0",
            ])
        guard child.ending == .exited(0) else { return nil }
        let packets = String(decoding: child.output, as: UTF8.self).split(separator: "\n").compactMap {
            Packet($0)
        }
        guard let first = packets.first, let last = packets.last, first.milliseconds <= max(start, 100) else {
            return nil
        }
        let upper = packets.count > 1 && last.milliseconds >= span.endMilliseconds ? last.end : total
        guard first.place < upper, upper <= total, upper - first.place <= Self.longestPlace else {
            return nil
        }
        return first.place..<upper
    }

    /// `pts_time,size,pos`
    private struct Packet {
        let milliseconds: Int
        let place: Int
        let end: Int

        init?(_ line: Substring) {
            let words = line.split(separator: ",", omittingEmptySubsequences: false)
            guard words.count >= 3, let seconds = Double(words[0]), let size = Int(words[1]),
                let place = Int(words[2]),
                seconds > -10, seconds < 3.2e9, size >= 0, place >= 0,
                case let (end, isTooFar) = place.addingReportingOverflow(size),
                !isTooFar
            else { return nil }
            (milliseconds, self.place, self.end) = (Int(seconds * 1000), place, end)
        }
    }
}
