#ifndef EARSHELF_CPROCESS_H
#define EARSHELF_CPROCESS_H

#include <stdint.h>
#include <sys/types.h>

/// A pipe whose ends no child inherits and whose first end never blocks. 0, or -1 and errno.
int process_pipe(int ends[2]);

/// What makes one build of a file differ from the next: its inode, its length and when it was written, in
/// seconds and nanoseconds. 0, or -1 where there is no such file.
int process_file_identity(const char *path, int64_t identity[4]);

/// Starts `path` in a process group of its own, with no descriptor but /dev/null as input and `output` as
/// output and error, and with the kernel's promise to kill it when the calling thread ends: the caller keeps
/// that thread until the process is gone. Returns 0 and the process id, or an errno.
int process_start(
    const char *path, char *const arguments[], char *const environment[], const char *folder, int output,
    pid_t *process);

/// A descriptor that is readable once the process has ended, or -1.
int process_descriptor(pid_t process);

/// 1 when the process has ended, which it is asked without being reaped; 0 otherwise.
int process_has_ended(pid_t process);

/// Forks a guardian that outlives the caller only to kill the process groups left behind. It reads process
/// groups as 32-bit numbers from `pipe`: positive for a new one, negative for one that is gone; the end of the
/// pipe is the end of the caller. Returns the guardian's process id, or -1.
pid_t process_guardian(int pipe);

#endif
