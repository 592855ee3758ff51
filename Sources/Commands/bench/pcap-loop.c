/* The yardstick of `make bench`: what libpcap alone costs. Reads every packet of a file and adds up its length.
 * With more arguments it is the other side of `deskwatch-bench --live`: it sends the file's packets, over and over,
 * at RATE packets a second. Only for an interface of a network namespace made for it. */
#define _GNU_SOURCE
#include <pcap/pcap.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { KEPT = 20000, LONGEST = 1514 };

static double now(void) {
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return time.tv_sec + time.tv_nsec / 1e9;
}

static int flood(pcap_t *file, const char *interface, double rate, double seconds) {
    static struct { unsigned length; unsigned char bytes[LONGEST]; } kept[KEPT];
    char message[PCAP_ERRBUF_SIZE];
    struct pcap_pkthdr *header;
    const unsigned char *bytes;
    unsigned long sent = 0, failed = 0;
    int count = 0;
    pcap_t *out = pcap_open_live(interface, 64, 0, 100, message);

    if (out == NULL) {
        fprintf(stderr, "%s\n", message);
        return 1;
    }
    while (count < KEPT && pcap_next_ex(file, &header, &bytes) == 1) {
        if (header->caplen > LONGEST) continue;
        kept[count].length = header->caplen;
        memcpy(kept[count++].bytes, bytes, header->caplen);
    }
    if (count == 0) return 1;
    double start = now();
    for (double passed = 0; passed < seconds; passed = now() - start) {
        /* Whatever is due by now, in small bursts. */
        for (unsigned long due = passed * rate; sent + failed < due;) {
            int at = (sent + failed) % count;
            if (pcap_sendpacket(out, kept[at].bytes, kept[at].length) == 0) sent++; else failed++;
        }
        struct timespec nap = {0, 200000};
        nanosleep(&nap, NULL);
    }
    printf("%lu sent, %lu refused, %.0f/s\n", sent, failed, sent / (now() - start));
    pcap_close(out);
    return 0;
}

int main(int argc, char **argv) {
    char message[PCAP_ERRBUF_SIZE];
    struct pcap_pkthdr *header;
    const unsigned char *bytes;
    unsigned long packets = 0, total = 0;
    pcap_t *file;
    int status;

    if (argc != 2 && argc != 5) {
        fprintf(stderr, "usage: pcap-loop FILE [INTERFACE RATE SECONDS]\n");
        return 64;
    }
    file = pcap_open_offline_with_tstamp_precision(argv[1], PCAP_TSTAMP_PRECISION_NANO, message);
    if (file == NULL) {
        fprintf(stderr, "%s\n", message);
        return 1;
    }
    if (argc == 5) return flood(file, argv[2], atof(argv[3]), atof(argv[4]));
    while ((status = pcap_next_ex(file, &header, &bytes)) == 1) {
        packets++;
        total += header->caplen;
    }
    if (status != PCAP_ERROR_BREAK) {
        pcap_perror(file, "pcap-loop");
        return 1;
    }
    printf("%lu %lu\n", packets, total);
    pcap_close(file);
    return 0;
}
