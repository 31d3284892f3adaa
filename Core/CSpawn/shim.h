#include <spawn.h>
#include <sys/resource.h>
#include <sys/types.h>
// glibc's own, which its headers show only under _GNU_SOURCE: that cannot be defined once Glibc is a module.
int pipe2(int ends[2], int flags);
int prlimit(pid_t process, int resource, const struct rlimit *limit, struct rlimit *old);
int posix_spawn_file_actions_addclosefrom_np(posix_spawn_file_actions_t *actions, int from);
