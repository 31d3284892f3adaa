"""Reads an EPUB by zipfile and an XML parser nobody here wrote, holds it to the rules of its containers, and prints what
it says: python3 read_epub.py FILE"""

import sys
import zipfile
from xml.etree import ElementTree

NAMES = {"o": "http://www.idpf.org/2007/opf", "d": "http://purl.org/dc/elements/1.1/", "x": "http://www.w3.org/1999/xhtml",
         "s": "http://www.w3.org/ns/SMIL", "c": "urn:oasis:names:tc:opendocument:xmlns:container"}


def seconds(clock):
    assert clock.endswith("s"), clock
    return round(float(clock[:-1]) * 1000)


class Book:
    """An EPUB, opened and found to be whole."""

    def __init__(self, path):
        self.zip = zipfile.ZipFile(path)
        assert self.zip.testzip() is None
        first = self.zip.infolist()[0]
        assert (first.filename, first.compress_type, first.extra, first.header_offset) == ("mimetype", 0, b"", 0)
        assert self.zip.read("mimetype") == b"application/epub+zip"
        root = self.xml("META-INF/container.xml").find(".//c:rootfile", NAMES).get("full-path")
        self.folder = root.rpartition("/")[0] + "/"
        self.package = self.xml(root)
        self.items = {item.get("id"): item for item in self.package.findall("o:manifest/o:item", NAMES)}
        listed = {self.folder + item.get("href") for item in self.items.values()}
        assert listed == set(self.zip.namelist()) - {"mimetype", "META-INF/container.xml", root}
        self.spine = [self.items[ref.get("idref")] for ref in self.package.findall("o:spine/o:itemref", NAMES)]

    def xml(self, name):
        return ElementTree.fromstring(self.zip.read(name))

    def meta(self, name, refines=None):
        """The texts of a property."""
        return [meta.text for meta in self.package.findall("o:metadata/o:meta", NAMES)
                if meta.get("property") == name and meta.get("refines") == refines]

    def words(self, item):
        """Of a chapter: the texts of its elements by their ids."""
        page = self.xml(self.folder + item.get("href"))
        return {element.get("id"): "".join(element.itertext()) for element in page.iter() if element.get("id")}

    def overlay(self, item):
        """Of a chapter: what is heard when, as ids, milliseconds and the file; in order, and without a gap."""
        smil = self.items[item.get("media-overlay")]
        assert smil.get("media-type") == "application/smil+xml"
        words, end, clips = self.words(item), 0, []
        for pair in self.xml(self.folder + smil.get("href")).iter(f"{{{NAMES['s']}}}par"):
            text, sound = pair.find("s:text", NAMES), pair.find("s:audio", NAMES)
            page, _, place = text.get("src").partition("#")
            assert page == item.get("href") and place in words, text.get("src")
            begin = seconds(sound.get("clipBegin"))
            assert begin == end, f"{place} begins at {begin}, and what was before it ends at {end}"
            end = seconds(sound.get("clipEnd"))
            assert end > begin, place
            clips.append((place, begin, end, sound.get("src")))
        assert len({src for *_, src in clips}) == 1, "one file for each chapter"
        assert clips[0][3] in {item.get("href") for item in self.items.values()}
        length = self.meta("media:duration", f"#{item.get('media-overlay')}")
        assert [seconds(clock) for clock in length] == [end]
        return clips

    def check(self):
        """The overlays of all chapters, which come to what the package says."""
        overlays = [self.overlay(item) for item in self.spine]
        total = sum(clips[-1][2] for clips in overlays)
        assert [seconds(clock) for clock in self.meta("media:duration")] == [total]
        assert len(self.meta("dcterms:modified")) == 1
        nav = self.xml(self.folder + next(i for i in self.items.values() if i.get("properties") == "nav").get("href"))
        assert [a.get("href") for a in nav.iter(f"{{{NAMES['x']}}}a")] == [item.get("href") for item in self.spine]
        return overlays


def main(path):
    book = Book(path)
    overlays = book.check()
    for kind, name in (("title", "title"), ("language", "language"), ("author", "creator"), ("narrator", "contributor")):
        for element in book.package.findall(f"o:metadata/d:{name}", NAMES):
            print(kind, element.text)
    for series, place in zip(book.meta("belongs-to-collection"), book.meta("group-position", "#series0")):
        print("series", series, place)
    print(f"duration {sum(clips[-1][2] for clips in overlays) / 1000:.3f}")
    for item in book.spine:
        words = book.words(item)
        print(f"chapter {words.pop('title')}: {' '.join(words.values())}")
    for clips in overlays:
        print(" ".join(f"{place} {begin / 1000:.3f}-{end / 1000:.3f}" for place, begin, end, _ in clips))


if __name__ == "__main__":
    main(sys.argv[1])
