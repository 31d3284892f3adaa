#ifndef EARSHELF_CREADING_H
#define EARSHELF_CREADING_H

#include <sys/types.h>
#include <sys/uio.h>

// Of the GNU C library 2.26, which declares it for those alone who ask for all that is GNU's.
extern ssize_t preadv2(int descriptor, const struct iovec *parts, int count, off_t offset, int flags);

/// As pread(2), of what lies in memory: -1 with EAGAIN where the disk would have to be waited for (preadv2(2), RWF_NOWAIT, since
/// Linux 4.14), and with EOPNOTSUPP where the file system cannot tell.
static inline ssize_t reading_without_waiting(int descriptor, void *bytes, size_t count, off_t offset) {
    struct iovec part = {bytes, count};
    return preadv2(descriptor, &part, 1, offset, 0x00000008);
}

#endif
