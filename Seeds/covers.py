"""Covers of type and plain shapes. A title is always drawn the same; books of one series share their colours."""

import math
import random

from PIL import Image, ImageDraw, ImageFont

SIZE = 1000
MARGIN = 80
FONTS = "/usr/share/fonts/truetype/dejavu/"
# Ground, shapes, type.
PALETTES = [
    ("#1d2b3a", "#d98e04", "#f6efe0"), ("#f3ead7", "#b3362b", "#231f20"), ("#23402f", "#c9d6a3", "#f8f5ea"),
    ("#4b1d3f", "#e08e9b", "#fbeeee"), ("#e7dfd0", "#2f5d8a", "#1b1b1b"), ("#12343b", "#e1b382", "#f7f0e6"),
    ("#f2c14e", "#28536b", "#1c1c1c"), ("#2e2a4f", "#8fb8de", "#f4f1fb"), ("#d7e3dc", "#a23e48", "#1f2a2e"),
    ("#3b2c24", "#d0a15e", "#f5ecdf")]


def draw(book, path):
    series = book.get("series", {}).get("name")
    ground, shapes, ink = random.Random(series or book["title"]).choice(PALETTES)
    chance = random.Random(book["title"])
    picture = Image.new("RGB", (SIZE, SIZE), ground)
    canvas = ImageDraw.Draw(picture)
    chance.choice([arcs, stripes, dots, waves, rays, steps])(canvas, chance, shapes)
    title(canvas, book["title"], book.get("series", {}).get("label"), ground, ink)
    canvas.rectangle([0, SIZE - 150, SIZE, SIZE], fill=ink)
    author = fitted(", ".join(book["people"]).upper(), "DejaVuSansCondensed-Bold.ttf", 48, SIZE - 2 * MARGIN)
    canvas.text((MARGIN, SIZE - 75), ", ".join(book["people"]).upper(), font=author, fill=ground, anchor="lm")
    picture.save(path, quality=88)


def font(name, size):
    return ImageFont.truetype(FONTS + name, size)


def fitted(text, name, size, width):
    """The largest that fits."""
    while size > 16 and font(name, size).getlength(text) > width:
        size -= 2
    return font(name, size)


def title(canvas, text, label, ground, ink):
    """In as many lines as it takes, as large as they allow, on a ground that keeps the shapes off it."""
    size, face = 132, "DejaVuSerifCondensed-Bold.ttf"
    while True:
        letters = font(face, size)
        lines = wrapped(text, letters, SIZE - 2 * MARGIN)
        if lines and len(lines) * size * 1.1 < 460:
            break
        size -= 6
    height = len(lines) * size * 1.1
    canvas.rectangle([0, 60, SIZE, 60 + height + 80], fill=ground)
    for number, line in enumerate(lines):
        canvas.text((MARGIN, 100 + number * size * 1.1), line, font=letters, fill=ink)
    if label:
        place = (SIZE - MARGIN - 50, SIZE - 230)
        canvas.ellipse([place[0] - 55, place[1] - 55, place[0] + 55, place[1] + 55], fill=ink)
        canvas.text(place, label, font=font(face, 60), fill=ground, anchor="mm")


def wrapped(text, letters, width):
    """Lines that fit, or none if a word is too long."""
    lines = [""]
    for word in text.split():
        longer = f"{lines[-1]} {word}".strip()
        if letters.getlength(longer) <= width:
            lines[-1] = longer
        elif letters.getlength(word) <= width:
            lines.append(word)
        else:
            return None
    return [line for line in lines if line]


def arcs(canvas, chance, colour):
    x, y = chance.choice([0, SIZE]), SIZE - 150
    for radius in range(90, 900, chance.choice([60, 80, 100])):
        canvas.ellipse([x - radius, y - radius, x + radius, y + radius], outline=colour, width=26)


def stripes(canvas, chance, colour):
    step, slant = chance.choice([56, 72, 96]), chance.choice([-420, 0, 420])
    for x in range(-500, SIZE + 500, step):
        canvas.line([x, SIZE, x + slant, 0], fill=colour, width=step // 3)


def dots(canvas, chance, colour):
    step = chance.choice([70, 90, 120])
    for row, y in enumerate(range(40, SIZE, step)):
        for x in range(step // 2 * (row % 2), SIZE + step, step):
            radius = 4 + (step / 2.6 - 4) * y / SIZE
            canvas.ellipse([x - radius, y - radius, x + radius, y + radius], fill=colour)


def waves(canvas, chance, colour):
    length, height = chance.choice([140, 200, 280]), chance.choice([24, 36, 50])
    for y in range(60, SIZE, 62):
        points = [(x, y + height * math.sin((x + y * 3) / length * math.pi)) for x in range(-10, SIZE + 10, 8)]
        canvas.line(points, fill=colour, width=16, joint="curve")


def rays(canvas, chance, colour):
    x, y, count = chance.randint(250, 750), SIZE - 150, chance.choice([18, 24, 30])
    for number in range(0, 2 * count, 2):
        ends = [(x + 1600 * math.cos(math.pi * n / count), y - 1600 * math.sin(math.pi * n / count))
                for n in (number, number + 1)]
        canvas.polygon([(x, y), *ends], fill=colour)


def steps(canvas, chance, colour):
    count = chance.choice([5, 6, 8])
    side = SIZE // count
    for column in range(count):
        height = chance.randint(1, count - 1)
        canvas.rectangle([column * side + 8, SIZE - 150 - height * side * 0.7, (column + 1) * side - 8, SIZE], fill=colour)
