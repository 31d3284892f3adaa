import Core
import TestSupport

func heard(_ words: String...) -> SpokenText {
    SpokenText(
        model: "whisper-1", language: "en",
        segments: words.enumerated().map {
            SpokenSegment(text: $1, startMilliseconds: $0 * 1000, endMilliseconds: $0 * 1000 + 900)
        })
}

/// A shop that hears.
struct Hearing {
    var shop: Shop
    let accepted: AcceptedUpload
    let chunks = Told<String>()
    let events = Told<OutboxEvent>()
    var told: Int { events.all.count { $0.topic == .transcriptionCompleted } }
}

/// It sounds but for the half second after each half minute.
private func reading(_ span: Span) -> Sound {
    let perMillisecond = Sound.bytesPerSecond / 1000
    var bytes = [UInt8](repeating: 9, count: span.durationMilliseconds * perMillisecond)
    for pause in stride(from: 0, to: span.endMilliseconds, by: 30_000) {
        let silent = Range(uncheckedBounds: (pause, pause + 500))
            .clamped(to: span.startMilliseconds..<span.endMilliseconds)
        for place in silent.lowerBound * perMillisecond..<silent.upperBound * perMillisecond {
            bytes[place - span.startMilliseconds * perMillisecond] = 0
        }
    }
    return Sound(startMilliseconds: span.startMilliseconds, bytes: bytes)
}

/// A book with a recording of so many minutes, and a service that hears its own name in everything.
func hearing(_ database: TestDatabase, minutes: Int = 3) throws -> Hearing {
    let (editor, accepted) = try database.prepared { transaction in
        let editor = try transaction.person("e", .editor)
        let book = try transaction.draft("Emma", by: editor)
        return (editor, try transaction.record(book, by: editor, durationMilliseconds: minutes * 60_000))
    }
    var world = Hearing(shop: database.shop(of: "transcribe", for: .editor(editor)), accepted: accepted)
    world.shop.links = .plain
    world.shop.transcriptions = .telling(world.chunks)
    world.shop.events = .telling(world.events)
    world.shop.audio.listen = { _, span in reading(span) }
    world.shop.speech.transcribe = { recording in heard("\(recording.bytes.count)", recording.fileName) }
    return world
}
