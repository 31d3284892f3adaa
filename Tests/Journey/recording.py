"""A three-minute audiobook, read by a voice of Debian's: chapters, cover, and the text it was read from."""

import pathlib
import subprocess
import uuid

from shop import call

TEXT = pathlib.Path(__file__).with_name("rabbit-hole.txt")


def chapters():
    """Title and text of each chapter."""
    parts = TEXT.read_text().split("# ")[1:]
    return [(title.strip(), body.strip()) for title, body in (part.split("\n", 1) for part in parts)]


def words(text):
    """As they are compared: lower case, letters and apostrophes only."""
    kept = "".join(c if c.isalpha() or c == "'" else " " for c in text.lower())
    return kept.split()


def spoken_words():
    return [word for _, text in chapters() for word in words(text)]


def run(*command, **options):
    subprocess.run([str(part) for part in command], check=True, capture_output=True, timeout=300, **options)


def duration_ms(path):
    output = subprocess.run(
        ["ffprobe", "-v", "error", "-show_entries", "format=duration", "-of", "csv=p=0", str(path)],
        check=True, capture_output=True, text=True, timeout=60).stdout
    return round(float(output) * 1000)


def make(folder, voice="rms", told=None):
    """An M4B with chapters and a cover in `folder`, of these titles and texts or of all; answers its path."""
    folder = pathlib.Path(folder)
    folder.mkdir(parents=True, exist_ok=True)
    book = folder / "rabbit-hole.m4b"
    if book.exists():
        return book
    metadata, parts, start = [";FFMETADATA1", "title=Down the Rabbit-Hole", "artist=Lewis Carroll"], [], 0
    for index, (title, text) in enumerate(told or chapters()):
        source, part = folder / f"{index}.txt", folder / f"{index}.wav"
        source.write_text(text)
        run("flite", "-voice", voice, "-f", source, "-o", part)
        end = start + duration_ms(part)
        metadata += ["[CHAPTER]", "TIMEBASE=1/1000", f"START={start}", f"END={end}", f"title={title}"]
        parts.append(f"file '{part}'")
        start = end
    (folder / "chapters.txt").write_text("\n".join(metadata) + "\n")
    (folder / "parts.txt").write_text("\n".join(parts) + "\n")
    run("ffmpeg", "-y", "-f", "lavfi", "-i", "color=c=0x2b4c3f:s=600x600", "-frames:v", "1", folder / "cover.png")
    unfinished = folder / "unfinished.m4b"
    run("ffmpeg", "-y", "-f", "concat", "-safe", "0", "-i", folder / "parts.txt", "-i", folder / "chapters.txt",
        "-i", folder / "cover.png", "-map", "0:a", "-map", "2:v", "-map_metadata", "1", "-c:a", "aac", "-b:a", "64k",
        "-ar", "22050", "-c:v", "png", "-disposition:v", "attached_pic", "-f", "mp4", unfinished)
    unfinished.rename(book)
    return book


def recognised(source, milliseconds, seconds, service, folder):
    """The words that the speech service at this address hears in so many seconds of a recording from a moment on."""
    piece = folder / "piece.wav"
    run("ffmpeg", "-y", "-ss", milliseconds / 1000, "-t", seconds, "-i", source, "-ac", 1, "-ar", 16000, piece)
    boundary, parts = uuid.uuid4().hex, {"model": "whisper-1", "response_format": "json"}
    body = b"".join(f'--{boundary}\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n'.encode()
                    for name, value in parts.items())
    body += (f'--{boundary}\r\nContent-Disposition: form-data; name="file"; filename="piece.wav"\r\n\r\n'.encode()
             + piece.read_bytes() + f"\r\n--{boundary}--\r\n".encode())
    answer = call("POST", service + "/v1/audio/transcriptions", body=body, timeout=120, headers={
        "authorization": "Bearer sk-earshelf-local", "content-type": f"multipart/form-data; boundary={boundary}"})
    assert answer.status == 200, answer
    return words(answer.json["text"])


def word_error(heard, said):
    """Edits per word said (Levenshtein over words)."""
    row = list(range(len(heard) + 1))
    for i, word in enumerate(said, 1):
        diagonal, row[0] = row[0], i
        for j, other in enumerate(heard, 1):
            diagonal, row[j] = row[j], min(row[j] + 1, row[j - 1] + 1, diagonal + (word != other))
    return row[-1] / len(said)
