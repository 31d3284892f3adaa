#define _GNU_SOURCE
#include "CProcess.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

int process_pipe(int ends[2]) {
    if (pipe2(ends, O_CLOEXEC) != 0) return -1;
    return fcntl(ends[0], F_SETFL, O_NONBLOCK);
}

int process_file_identity(const char *path, int64_t identity[4]) {
    struct stat status;
    if (stat(path, &status) != 0) return -1;
    identity[0] = (int64_t)status.st_ino;
    identity[1] = (int64_t)status.st_size;
    identity[2] = (int64_t)status.st_mtim.tv_sec;
    identity[3] = (int64_t)status.st_mtim.tv_nsec;
    return 0;
}

static void close_from(int first) {
#ifdef SYS_close_range
    if (syscall(SYS_close_range, first, ~0U, 0) == 0) return;
#endif
    struct rlimit limit;
    int last = getrlimit(RLIMIT_NOFILE, &limit) == 0 && limit.rlim_cur < 65536 ? (int)limit.rlim_cur : 65536;
    for (int descriptor = first; descriptor < last; descriptor++) close(descriptor);
}

static void default_signals(void) {
    struct sigaction action;
    memset(&action, 0, sizeof action);
    action.sa_handler = SIG_DFL;
    for (int number = 1; number < NSIG; number++) sigaction(number, &action, NULL);
}

/// What happens between vfork and execve: system calls only, for the memory is still the parent's.
static int become(
    const char *path, char *const arguments[], char *const environment[], const char *folder, int input,
    int output, pid_t parent) {
    if (setpgid(0, 0) != 0) return errno;
    if (prctl(PR_SET_PDEATHSIG, SIGKILL) != 0) return errno;
    if (getppid() != parent) return ESRCH;
    if (chdir(folder) != 0) return errno;
    if (dup2(input, 0) < 0 || dup2(output, 1) < 0 || dup2(output, 2) < 0) return errno;
    close_from(3);
    default_signals();
    sigset_t none;
    sigemptyset(&none);
    sigprocmask(SIG_SETMASK, &none, NULL);
    execve(path, arguments, environment);
    return errno;
}

int process_start(
    const char *path, char *const arguments[], char *const environment[], const char *folder, int output,
    pid_t *process) {
    int input = open("/dev/null", O_RDONLY | O_CLOEXEC);
    if (input < 0) return errno;
    sigset_t all, before;
    sigfillset(&all);
    pthread_sigmask(SIG_BLOCK, &all, &before);
    pid_t parent = getpid();
    volatile int problem = 0;
    pid_t child = vfork();
    if (child == 0) {
        problem = become(path, arguments, environment, folder, input, output, parent);
        _exit(127);
    }
    int failure = child < 0 ? errno : problem;
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    close(input);
    if (child > 0 && failure != 0) waitpid(child, NULL, 0);
    if (failure == 0) *process = child;
    return failure;
}

int process_descriptor(pid_t process) {
#ifdef SYS_pidfd_open
    return (int)syscall(SYS_pidfd_open, process, 0);
#else
    return -1;
#endif
}

int process_has_ended(pid_t process) {
    siginfo_t information;
    memset(&information, 0, sizeof information);
    int result;
    do {
        result = waitid(P_PID, (id_t)process, &information, WEXITED | WNOHANG | WNOWAIT);
    } while (result != 0 && errno == EINTR);
    return result == 0 && information.si_pid == process;
}

static void guard(int pipe) {
    fcntl(pipe, F_SETFL, 0);
    enum { most = 4096 };
    static int32_t groups[most];
    int count = 0;
    int32_t group;
    for (;;) {
        ssize_t length = read(pipe, &group, sizeof group);
        if (length < 0 && errno == EINTR) continue;
        if (length != sizeof group) break;
        if (group > 0 && count < most) groups[count++] = group;
        for (int index = 0; group < 0 && index < count; index++) {
            if (groups[index] == -group) groups[index--] = groups[--count];
        }
    }
    for (int index = 0; index < count; index++) kill(-groups[index], SIGKILL);
}

pid_t process_guardian(int pipe) {
    pid_t guardian = fork();
    if (guardian != 0) return guardian;
    setsid();
    prctl(PR_SET_NAME, "earshelf-guard");
    default_signals();
    signal(SIGINT, SIG_IGN);
    signal(SIGTERM, SIG_IGN);
    signal(SIGHUP, SIG_IGN);
    int nothing = open("/dev/null", O_RDWR);
    if (dup2(pipe, 3) < 0) _exit(1);
    for (int descriptor = 0; descriptor < 3 && nothing >= 0; descriptor++) dup2(nothing, descriptor);
    close_from(4);
    guard(3);
    _exit(0);
}
