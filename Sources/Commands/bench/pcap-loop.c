/* The yardstick of `make bench`: what libpcap alone costs. Reads every packet of a file and adds up its length. */
#include <pcap/pcap.h>
#include <stdio.h>

int main(int argc, char **argv) {
    char message[PCAP_ERRBUF_SIZE];
    struct pcap_pkthdr *header;
    const unsigned char *bytes;
    unsigned long packets = 0, total = 0;
    pcap_t *file;
    int status;

    if (argc != 2) {
        fprintf(stderr, "usage: pcap-loop FILE\n");
        return 64;
    }
    file = pcap_open_offline_with_tstamp_precision(argv[1], PCAP_TSTAMP_PRECISION_NANO, message);
    if (file == NULL) {
        fprintf(stderr, "%s\n", message);
        return 1;
    }
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
