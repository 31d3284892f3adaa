#include "CFonts.h"

extern const unsigned char earshelf_dejavu_sans[], earshelf_dejavu_sans_end[];
extern const unsigned char earshelf_wqy_microhei[], earshelf_wqy_microhei_end[];

earshelf_font earshelf_font_of_letters(void) {
    earshelf_font font = {earshelf_dejavu_sans, (size_t)(earshelf_dejavu_sans_end - earshelf_dejavu_sans)};
    return font;
}

earshelf_font earshelf_font_of_ideographs(void) {
    earshelf_font font = {earshelf_wqy_microhei, (size_t)(earshelf_wqy_microhei_end - earshelf_wqy_microhei)};
    return font;
}
