// Preloaded into a program, counts its calls that change a file whose path contains ".h5" (or that bring it to the
// device) and, before call number CRASH_AT, kills the program as a power switch would. With CRASH_ERRNO set, that call
// and all later writes fail with this error instead. CRASH_COUNT names a file that receives the total at exit.
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/types.h>
#include <unistd.h>

static long calls;

static int of_descriptor(int descriptor) {
    char link[64];
    char path[4096];
    snprintf(link, sizeof link, "/proc/self/fd/%d", descriptor);
    const ssize_t length = readlink(link, path, sizeof path - 1);
    if (length < 0) return 0;
    path[length] = '\0';
    return strstr(path, ".h5") != NULL;
}

static long setting(const char* name) {
    const char* text = getenv(name);
    return text ? atol(text) : 0;
}

// 0, or the error with which the call must fail.
static int count(int relevant) {
    if (!relevant) return 0;
    ++calls;
    const long at = setting("CRASH_AT");
    const int error = (int)setting("CRASH_ERRNO");
    if (at > 0 && calls >= at && error != 0) return error;
    if (at > 0 && calls == at) kill(getpid(), SIGKILL);
    return 0;
}

__attribute__((destructor)) static void report(void) {
    const char* path = getenv("CRASH_COUNT");
    FILE* file = path ? fopen(path, "w") : NULL;
    if (!file) return;
    fprintf(file, "%ld\n", calls);
    fclose(file);
}

#define REAL(function) __typeof__(&function) real = (__typeof__(&function))dlsym(RTLD_NEXT, #function)
#define FAIL_OR_COUNT(relevant)               \
    const int error = count(relevant);        \
    if (error != 0) {                         \
        errno = error;                        \
        return -1;                            \
    }

ssize_t pwrite64(int descriptor, const void* data, size_t size, off64_t at) {
    FAIL_OR_COUNT(of_descriptor(descriptor))
    REAL(pwrite64);
    return real(descriptor, data, size, at);
}

ssize_t pwrite(int descriptor, const void* data, size_t size, off_t at) { return pwrite64(descriptor, data, size, at); }

ssize_t write(int descriptor, const void* data, size_t size) {
    FAIL_OR_COUNT(of_descriptor(descriptor))
    REAL(write);
    return real(descriptor, data, size);
}

int ftruncate64(int descriptor, off64_t size) {
    FAIL_OR_COUNT(of_descriptor(descriptor))
    REAL(ftruncate64);
    return real(descriptor, size);
}

int ftruncate(int descriptor, off_t size) { return ftruncate64(descriptor, size); }

int posix_fallocate64(int descriptor, off64_t begin, off64_t size) {
    const int error = count(of_descriptor(descriptor));
    if (error != 0) return error;
    REAL(posix_fallocate64);
    return real(descriptor, begin, size);
}

int posix_fallocate(int descriptor, off_t begin, off_t size) { return posix_fallocate64(descriptor, begin, size); }

int fsync(int descriptor) {
    FAIL_OR_COUNT(of_descriptor(descriptor))
    REAL(fsync);
    return real(descriptor);
}

int fdatasync(int descriptor) {
    FAIL_OR_COUNT(of_descriptor(descriptor))
    REAL(fdatasync);
    return real(descriptor);
}

int rename(const char* from, const char* to) {
    FAIL_OR_COUNT(strstr(from, ".h5") != NULL)
    REAL(rename);
    return real(from, to);
}

int renameat2(int from_folder, const char* from, int to_folder, const char* to, unsigned flags) {
    FAIL_OR_COUNT(strstr(from, ".h5") != NULL)
    REAL(renameat2);
    return real(from_folder, from, to_folder, to, flags);
}

// Removing never fails for want of space: counted, but never refused.
int unlink(const char* path) {
    (void)count(strstr(path, ".h5") != NULL);
    REAL(unlink);
    return real(path);
}
