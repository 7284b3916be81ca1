/*
 * The floor of any program that writes once for each client and event: write(2) of a prepared buffer to each TCP socket,
 * and nothing else. Answers an upgrade and `POST /order?count=20&bytes=300`; one thread, epoll.
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#define MOST_CLIENTS 65536

/* What a client has not taken yet, by its descriptor. */
static struct { char *bytes; size_t length; int isClient; } waiting[MOST_CLIENTS];
static int poller;
static long seq;

static void say(int fd, const char *text) {
  if (write(fd, text, strlen(text)) < 0) perror("write");
}

static void leave(int fd) {
  free(waiting[fd].bytes);
  memset(&waiting[fd], 0, sizeof waiting[fd]);
  close(fd);
}

static void watch(int fd, int operation, unsigned events) {
  struct epoll_event event = {.events = events, .data.fd = fd};
  if (epoll_ctl(poller, operation, fd, &event) < 0) perror("epoll_ctl");
}

/* Behind what waits, or at once as far as the kernel takes it. */
static void send_to(int fd, const char *bytes, size_t length) {
  size_t sent = 0, before = waiting[fd].length;
  if (before == 0) {
    ssize_t taken = write(fd, bytes, length);
    if (taken < 0 && errno != EAGAIN) return; /* its end is told by epoll */
    if (taken > 0) sent = taken;
    if (sent == length) return;
    watch(fd, EPOLL_CTL_MOD, EPOLLIN | EPOLLOUT);
  }
  waiting[fd].length = before + length - sent;
  waiting[fd].bytes = realloc(waiting[fd].bytes, waiting[fd].length);
  memcpy(waiting[fd].bytes + before, bytes + sent, length - sent);
}

static void go_on(int fd) {
  char *bytes = waiting[fd].bytes;
  size_t length = waiting[fd].length;
  waiting[fd].bytes = NULL;
  waiting[fd].length = 0;
  watch(fd, EPOLL_CTL_MOD, EPOLLIN);
  if (length > 0) send_to(fd, bytes, length);
  free(bytes);
}

static void broadcast(int count, int bytes) {
  char *frames = malloc((size_t)count * (bytes + 100)), *at = frames;
  for (; count > 0; count--) {
    seq++;
    int length = sprintf(at + 4, "[\"inventory:update\",{\"seq\":%ld,\"filler\":\"", seq);
    memset(at + 4 + length, 'x', bytes);
    length += bytes;
    memcpy(at + 4 + length, "\"}]", 3);
    length += 3;
    at[0] = (char)0x81, at[1] = 126, at[2] = (char)(length >> 8), at[3] = (char)length;
    at += 4 + length;
  }
  for (int fd = 0; fd < MOST_CLIENTS; fd++)
    if (waiting[fd].isClient) send_to(fd, frames, at - frames);
  free(frames);
}

static void on_readable(int fd) {
  static char text[65536];
  ssize_t length = read(fd, text, sizeof text - 1);
  if (length <= 0) {
    if (length == 0 || errno != EAGAIN) leave(fd);
    return;
  }
  if (waiting[fd].isClient) return;
  text[length] = 0;
  int count, bytes;
  if (sscanf(text, "POST /order?count=%d&bytes=%d", &count, &bytes) == 2) {
    broadcast(count, bytes);
    say(fd, "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n");
  } else {
    waiting[fd].isClient = 1;
    say(fd, "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n");
  }
}

int main(void) {
  signal(SIGPIPE, SIG_IGN);
  int listener = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0), yes = 1;
  struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
  socklen_t size = sizeof address;
  if (bind(listener, (struct sockaddr *)&address, size) < 0 || listen(listener, 511) < 0) return 1;
  getsockname(listener, (struct sockaddr *)&address, &size);
  poller = epoll_create1(0);
  watch(listener, EPOLL_CTL_ADD, EPOLLIN);
  printf("Listening at http://127.0.0.1:%d\n", ntohs(address.sin_port));
  fflush(stdout);
  for (;;) {
    struct epoll_event events[1024];
    int ready = epoll_wait(poller, events, 1024, -1);
    for (int index = 0; index < ready; index++) {
      int fd = events[index].data.fd;
      if (fd != listener) {
        if (events[index].events & EPOLLOUT) go_on(fd);
        if (events[index].events & ~EPOLLOUT) on_readable(fd);
        continue;
      }
      int client = accept4(listener, NULL, NULL, SOCK_NONBLOCK);
      if (client < 0) continue;
      if (client >= MOST_CLIENTS) { close(client); continue; }
      setsockopt(client, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof yes);
      watch(client, EPOLL_CTL_ADD, EPOLLIN);
    }
  }
}
