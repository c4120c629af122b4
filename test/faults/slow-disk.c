/*
 * A slow disk, and what it would hold after a power cut: loaded into a server with LD_PRELOAD (see slow-disk.ts).
 *
 * SLOW_DISK_MS      how long each fsync and fdatasync takes
 * SLOW_DISK_FOLDER  folder whose disk is simulated; syncs of other files are left alone
 * SLOW_DISK_IMAGE   folder for the image: what was synced, and nothing else. Not kept when absent
 *
 * While a sync is under way there is a file `syncing` in the image. As long as there is one named `failing`, syncs fail; as
 * long as there is one named `hanging`, they do not end.
 *
 * The image holds one file per inode with its content at the beginning of its last sync, and `names`, the entries of the
 * folder at the last sync of the folder itself: POSIX promises no name before that.
 */
#define _GNU_SOURCE
#include <dirent.h>
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/sendfile.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

static void wait_for_disk(const char *image) {
  char syncing[PATH_MAX];
  const char *text = getenv("SLOW_DISK_MS");
  double milliseconds = text ? atof(text) : 0;
  if (milliseconds <= 0) return;
  if (image != NULL) {
    snprintf(syncing, sizeof syncing, "%s/syncing", image);
    int marker = open(syncing, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
    if (marker >= 0) close(marker);
  }
  struct timespec left = {(time_t)(milliseconds / 1000),
                          (long)(milliseconds * 1e6) % 1000000000L};
  while (nanosleep(&left, &left) != 0) {
  }
  if (image != NULL) unlink(syncing);
}

/* Whether the descriptor is the folder (2), a file in it (1), or something else (0). */
static int place_of(int fd) {
  const char *folder = getenv("SLOW_DISK_FOLDER");
  char link[64], path[PATH_MAX];
  snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
  ssize_t length = readlink(link, path, sizeof path - 1);
  if (folder == NULL || length < 0) return 0;
  path[length] = 0;
  size_t start = strlen(folder);
  if (strncmp(path, folder, start) != 0) return 0;
  if (path[start] == 0) return 2;
  return path[start] == '/' && strchr(path + start + 1, '/') == NULL;
}

/* A draft of what the disk would hold: as it is when the sync begins, for what is written later is not promised. */
static void draft_of(int fd, const char *draft) {
  char own[64];
  snprintf(own, sizeof own, "/proc/self/fd/%d", fd); /* our own offset, not that of the writer */
  int from = open(own, O_RDONLY | O_CLOEXEC);
  int to = open(draft, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
  while (from >= 0 && to >= 0 && sendfile(to, from, NULL, 1 << 24) > 0) {
  }
  if (from >= 0) close(from);
  if (to >= 0) close(to);
}

static void draft_of_names(const char *draft) {
  DIR *folder = opendir(getenv("SLOW_DISK_FOLDER"));
  FILE *names = fopen(draft, "w");
  if (folder != NULL && names != NULL) {
    for (struct dirent *entry; (entry = readdir(folder)) != NULL;)
      if (entry->d_type == DT_REG)
        fprintf(names, "%lu %s\n", (unsigned long)entry->d_ino, entry->d_name);
  }
  if (names != NULL) fclose(names);
  if (folder != NULL) closedir(folder);
}

static int exists(const char *image, const char *name) {
  char path[PATH_MAX];
  snprintf(path, sizeof path, "%s/%s", image, name);
  return access(path, F_OK) == 0;
}

/* Of the image, too, a power cut must leave the old or the new. */
static int keeping(int fd, int place, const char *image, int (*really)(int)) {
  char draft[PATH_MAX], path[PATH_MAX];
  struct stat status;
  if (fstat(fd, &status) != 0) return -1;
  snprintf(draft, sizeof draft, "%s/draft-%d", image, (int)gettid());
  if (place == 2)
    snprintf(path, sizeof path, "%s/names", image);
  else
    snprintf(path, sizeof path, "%s/%lu", image, (unsigned long)status.st_ino);
  if (place == 2)
    draft_of_names(draft);
  else
    draft_of(fd, draft);
  wait_for_disk(image);
  while (exists(image, "hanging")) usleep(10000);
  if (exists(image, "failing")) {
    errno = EIO;
    return -1;
  }
  int result = really(fd);
  if (result == 0) rename(draft, path);
  return result;
}

static int slowly(int fd, const char *call) {
  int (*really)(int) = (int (*)(int))dlsym(RTLD_NEXT, call);
  const char *image = getenv("SLOW_DISK_IMAGE");
  int place = place_of(fd);
  if (place != 0 && image != NULL) return keeping(fd, place, image, really);
  if (place != 0) wait_for_disk(NULL);
  return really(fd);
}

int fsync(int fd) { return slowly(fd, "fsync"); }
int fdatasync(int fd) { return slowly(fd, "fdatasync"); }
