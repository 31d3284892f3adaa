#include <pocketsphinx.h>
#include <sphinxbase/err.h>
// cmd_ln_init is variadic, which Swift cannot call.
static inline cmd_ln_t *earshelf_sphinx_config(const char *hmm, const char *lm, const char *dict) {
    // Its log is one FILE for the whole process, and "-logfn" would close it under another thread's feet.
    err_set_logfp(NULL);
    return cmd_ln_init(NULL, ps_args(), TRUE, "-hmm", hmm, "-lm", lm, "-dict", dict, NULL);
}
