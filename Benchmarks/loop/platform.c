// Stands for the platform: starts a runtime, hands it one event after another, and takes the time from outside, the same for
// whatever runtime it is.
//     platform EVENTS EVENT-FILE PROGRAM [ARGUMENT...]
// says in one line of JSON when the first poll came, what each event took from its first byte to the last of its answer, how
// long all of them took with the polls between them, and what memory the runtime had in the end.
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { most_connections = 8, most_bytes = 8 << 20, patience_milliseconds = 20000 };

extern char **environ;
static pid_t runtime;

struct connection {
    int descriptor;
    size_t length;
    char *bytes;
};

static void fail(const char *why) {
    fprintf(stderr, "platform: %s\n", why);
    if (runtime > 0) kill(runtime, SIGKILL);
    exit(1);
}

static int64_t nanoseconds(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000000000 + now.tv_nsec;
}

static void put(int descriptor, const char *bytes, size_t length) {
    while (length > 0) {
        ssize_t count = send(descriptor, bytes, length, MSG_NOSIGNAL);
        if (count <= 0) fail("the runtime hung up");
        bytes += count;
        length -= (size_t)count;
    }
}

static void answer(int descriptor, const char *status, const char *headers, const char *body) {
    char text[1024];
    int length = snprintf(
        text, sizeof text, "HTTP/1.1 %s\r\nContent-Type: application/json\r\n%sContent-Length: %zu\r\n\r\n%s", status,
        headers, strlen(body), body);
    put(descriptor, text, (size_t)length);
}

/// The length of the request that the connection begins with; 0 while it is not all there.
static size_t request(struct connection *connection) {
    char *bytes = connection->bytes;
    bytes[connection->length] = 0;
    char *end = strstr(bytes, "\r\n\r\n");
    if (end == NULL) return 0;
    char *header = strcasestr(bytes, "\r\ncontent-length:");
    size_t body = header != NULL && header < end ? strtoul(header + 17, NULL, 10) : 0;
    size_t whole = (size_t)(end + 4 - bytes) + body;
    return connection->length >= whole ? whole : 0;
}

static long memory(const char *name) {
    char path[64], line[256];
    snprintf(path, sizeof path, "/proc/%d/smaps_rollup", runtime);
    FILE *file = fopen(path, "r");
    long value = 0;
    while (file != NULL && fgets(line, sizeof line, file) != NULL) {
        if (strncmp(line, name, strlen(name)) == 0) value = atol(line + strlen(name));
    }
    if (file != NULL) fclose(file);
    return value;
}

int main(int count, char **arguments) {
    if (count < 4) fail("usage: platform EVENTS EVENT-FILE PROGRAM [ARGUMENT...]");
    long events = atol(arguments[1]), given = 0, done = 0;
    static char event[1 << 20], out[(1 << 20) + 1024];
    FILE *file = fopen(arguments[2], "r");
    size_t event_length = file != NULL ? fread(event, 1, sizeof event, file) : 0;
    if (events < 1 || event_length == 0) fail("no events");
    int64_t *taken = calloc((size_t)events, sizeof *taken);

    int listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    struct sockaddr_in address = {.sin_family = AF_INET};
    socklen_t address_length = sizeof address;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    if (bind(listener, (struct sockaddr *)&address, sizeof address) != 0 || listen(listener, 8) != 0) fail("no address");
    getsockname(listener, (struct sockaddr *)&address, &address_length);
    char api[32];
    snprintf(api, sizeof api, "127.0.0.1:%d", ntohs(address.sin_port));
    setenv("AWS_LAMBDA_RUNTIME_API", api, 1);

    int64_t start = nanoseconds(), first_poll = 0, sent = 0, last = 0;
    if (posix_spawn(&runtime, arguments[3], NULL, NULL, arguments + 3, environ) != 0) fail("the runtime cannot be started");
    struct connection connections[most_connections];
    struct pollfd waiting[most_connections + 1] = {{.fd = listener, .events = POLLIN}};
    int open = 0;
    while (done < events) {
        if (poll(waiting, (nfds_t)open + 1, patience_milliseconds) <= 0) fail("the runtime did nothing for 20 seconds");
        if (waiting[0].revents != 0 && open < most_connections) {
            int descriptor = accept4(listener, NULL, NULL, SOCK_CLOEXEC), yes = 1;
            setsockopt(descriptor, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof yes);
            connections[open] = (struct connection){descriptor, 0, malloc(most_bytes)};
            waiting[++open] = (struct pollfd){.fd = descriptor, .events = POLLIN};
        }
        for (int index = 0; index < open; index++) {
            struct connection *connection = &connections[index];
            if (waiting[index + 1].revents == 0) continue;
            ssize_t read_now = read(
                connection->descriptor, connection->bytes + connection->length, most_bytes - 1 - connection->length);
            if (read_now <= 0) {
                close(connection->descriptor);
                free(connection->bytes);
                connections[index] = connections[--open];
                waiting[index + 1] = waiting[open + 1];
                index--;
                continue;
            }
            connection->length += (size_t)read_now;
            size_t whole = request(connection);
            if (whole == 0) continue;
            char *line = connection->bytes;
            if (strstr(line, "/invocation/next") != NULL && strncmp(line, "GET ", 4) == 0) {
                if (first_poll == 0) first_poll = nanoseconds();
                int head = snprintf(
                    out, sizeof out, "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"
                    "Lambda-Runtime-Aws-Request-Id: 8476a536-e9f4-11e8-9739-%012ld\r\nLambda-Runtime-Deadline-Ms: 9999999999999\r\n"
                    "Lambda-Runtime-Invoked-Function-Arn: arn:aws:lambda:eu-central-1:000000000000:function:echo\r\n"
                    "Lambda-Runtime-Trace-Id: Root=1-5bef4de7-ad49b0e87f6ef6c87fc2e700;Sampled=0\r\nContent-Length: %zu\r\n\r\n",
                    given++, event_length);
                memcpy(out + head, event, event_length);
                sent = nanoseconds();
                put(connection->descriptor, out, (size_t)head + event_length);
            } else if (strncmp(line, "POST /2018-06-01/runtime/invocation/", 36) == 0 && strstr(line, "/response ") != NULL) {
                last = nanoseconds();
                taken[done++] = last - sent;
                answer(connection->descriptor, "202 Accepted", "", "{\"status\":\"OK\"}");
            } else if (strstr(line, "/extension/register ") != NULL) {
                answer(connection->descriptor, "200 OK", "Lambda-Extension-Identifier: 1\r\n", "{}");
            } else if (strstr(line, "/extension/event/next ") == NULL) {
                fail(line);
            }
            memmove(connection->bytes, connection->bytes + whole, connection->length - whole);
            connection->length -= whole;
        }
    }
    printf(
        "{\"startNanoseconds\":%lld,\"allNanoseconds\":%lld,\"residentKilobytes\":%ld,\"privateKilobytes\":%ld,\"eventNanoseconds\":[",
        (long long)(first_poll - start), (long long)(last - first_poll), memory("Rss:"),
        memory("Private_Clean:") + memory("Private_Dirty:"));
    for (long index = 0; index < events; index++) printf(index ? ",%lld" : "%lld", (long long)taken[index]);
    printf("]}\n");
    kill(runtime, SIGKILL);
    waitpid(runtime, NULL, 0);
    return 0;
}
