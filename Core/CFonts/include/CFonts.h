#ifndef EARSHELF_CFONTS_H
#define EARSHELF_CFONTS_H

#include <stddef.h>

/* A TrueType file, or a collection of them, that lives as long as the process. */
typedef struct {
    const unsigned char *bytes;
    size_t count;
} earshelf_font;

/* DejaVu Sans (free, Bitstream Vera's licence): Latin, Greek, Cyrillic, Armenian, Georgian, and signs. */
earshelf_font earshelf_font_of_letters(void);
/* WenQuanYi Micro Hei (Apache 2.0): Chinese, Japanese, Korean. */
earshelf_font earshelf_font_of_ideographs(void);

#endif
