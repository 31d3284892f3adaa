/* The fonts of Debian's packages fonts-dejavu-core and fonts-wqy-microhei, as they are: who sets text carries them
   along, and looks for no file at run time. Only the pages that are read come into memory. */
    .section .rodata
    .balign 16
    .hidden earshelf_dejavu_sans, earshelf_dejavu_sans_end
    .global earshelf_dejavu_sans, earshelf_dejavu_sans_end
earshelf_dejavu_sans:
    .incbin "/usr/share/fonts/truetype/dejavu/DejaVuSans.ttf"
earshelf_dejavu_sans_end:

    .balign 16
    .hidden earshelf_wqy_microhei, earshelf_wqy_microhei_end
    .global earshelf_wqy_microhei, earshelf_wqy_microhei_end
earshelf_wqy_microhei:
    .incbin "/usr/share/fonts/truetype/wqy/wqy-microhei.ttc"
earshelf_wqy_microhei_end:

    .section .note.GNU-stack,"",%progbits
