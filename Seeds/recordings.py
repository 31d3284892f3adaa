"""A short recording of a book: its first sentences in two chapters, read by a voice of Debian's, with its cover inside."""

import pathlib
import subprocess
import wave

# flite speaks English alone, and better than the other does.
FLITE = ["slt", "rms", "awb"]


def voice(book):
    """The program, the voice, and what its reader is called in the shop."""
    language = book.get("language", "en")
    if language == "en":
        name = FLITE[sum(map(ord, book["title"])) % len(FLITE)]
        return "flite", name, f"{name} of Flite"
    return "espeak-ng", language, f"{language} of eSpeak NG"


def speak(book, text, path):
    program, name, _ = voice(book)
    if program == "flite":
        command = ["flite", "-voice", name, "--setf", "duration_stretch=1.15", "-t", text, "-o", path]
    else:
        command = ["espeak-ng", "-v", name, "-s", "140", "-w", path, text]
    run(command)


def run(command):
    subprocess.run([str(part) for part in command], check=True, capture_output=True, timeout=120)


def milliseconds(path):
    with wave.open(str(path)) as sound:
        return round(sound.getnframes() * 1000 / sound.getframerate())


def make(book, cover, path):
    """An M4B at `path`, made once; `cover` draws a picture to the path it is given."""
    path = pathlib.Path(path)
    if path.exists():
        return path
    work = path.with_suffix("")
    work.mkdir(parents=True, exist_ok=True)
    parts, start = [], 0
    chapters = [";FFMETADATA1", f"title={escaped(book['title'])}", f"artist={escaped(', '.join(book['people']))}"]
    for number, (title, text) in enumerate(book["chapters"]):
        part = work / f"{number}.wav"
        speak(book, text, part)
        end = start + milliseconds(part)
        chapters += ["[CHAPTER]", "TIMEBASE=1/1000", f"START={start}", f"END={end}", f"title={escaped(title)}"]
        parts.append(f"file '{part.name}'")
        start = end
    (work / "chapters.txt").write_text("\n".join(chapters) + "\n")
    (work / "parts.txt").write_text("\n".join(parts) + "\n")
    cover(book, work / "cover.jpg")
    unfinished = work / "unfinished.m4b"
    run(["ffmpeg", "-y", "-v", "error", "-f", "concat", "-i", work / "parts.txt", "-i", work / "chapters.txt", "-i",
         work / "cover.jpg", "-map", "0:a", "-map", "2:v", "-map_metadata", "1", "-c:a", "aac", "-b:a", "48k", "-ar",
         "22050", "-ac", "1", "-c:v", "copy", "-disposition:v", "attached_pic", "-f", "mp4", unfinished])
    unfinished.rename(path)
    for left in work.iterdir():
        left.unlink()
    work.rmdir()
    return path


def escaped(text):
    """https://ffmpeg.org/ffmpeg-formats.html#Metadata-2"""
    return "".join("\\" + c if c in "=;#\\\n" else c for c in text)
