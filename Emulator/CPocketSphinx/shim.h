#include <pocketsphinx.h>
#include <sphinxbase/err.h>
// cmd_ln_init is variadic, which Swift cannot call.
static inline cmd_ln_t *earshelf_sphinx_config(const char *hmm, const char *lm, const char *dict) {
    // Its log is one FILE for the whole process, and "-logfn" would close it under another thread's feet.
    err_set_logfp(NULL);
    // So many states and words at once are followed and no more: as few words are mistaken, in two thirds of the time.
    return cmd_ln_init(NULL, ps_args(), TRUE, "-hmm", hmm, "-lm", lm, "-dict", dict, "-maxhmmpf", "3000",
        "-maxwpf", "5", NULL);
}
