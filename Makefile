# deskwatch: make demo | make test | make bench | make lint | make fuzz | make install
SHELL := /bin/sh
SWIFT ?= swift
PREFIX ?= /usr/local
DESTDIR ?=
SECONDS ?= 60
TARGET ?= all

BUILD_PACKAGES = libpcap-dev libsqlite3-dev
# Real peers and independent judges; a test whose peer is missing says that it skips.
TEST_PACKAGES = $(BUILD_PACKAGES) tshark sip-tester mosquitto mosquitto-clients bsdutils iproute2 libxml2-utils systemd-container curl python3-yaml python3-jsonschema
BENCH_PACKAGES = $(BUILD_PACKAGES) gcc libc6-dev
DEMO_PACKAGES = $(BUILD_PACKAGES) curl

BIN = .build/debug
RELEASE = .build/release

.PHONY: all build demo test bench lint format fuzz proto install clean

all: build

build:
	@Sources/Install/system-packages $(BUILD_PACKAGES)
	$(SWIFT) build --build-tests

demo:
	@Sources/Install/system-packages $(DEMO_PACKAGES)
	@echo "Building (the first time this takes some minutes) …"
	$(SWIFT) build --build-tests
	@sim/demo $(BIN)

test:
	@Sources/Install/system-packages $(TEST_PACKAGES)
	$(SWIFT) build --build-tests
	@rm -f .build/test.failed
	@{ $(SWIFT) test --skip-build --disable-xctest 2>&1 || touch .build/test.failed; } | tee .build/test.log
	@# Said again where nobody has to look for it between the lines of what passed.
	@if [ -f .build/test.failed ]; then \
	    printf '\nwhat failed:\n'; grep -A 4 'recorded an issue\|error:' .build/test.log | head -80; exit 1; \
	fi

lint:
	$(SWIFT) format lint --strict --recursive --configuration .swift-format Package.swift Sources Tests

format:
	$(SWIFT) format --in-place --recursive --configuration .swift-format Package.swift Sources Tests

bench:
	@Sources/Install/system-packages $(BENCH_PACKAGES)
	$(SWIFT) build -c release --product deskwatch-bench
	mkdir -p .build/bench
	cc -O2 -o .build/bench/pcap-loop Sources/Commands/bench/pcap-loop.c -lpcap
	$(RELEASE)/deskwatch-bench --c-loop .build/bench/pcap-loop --work .build/bench
	$(RELEASE)/deskwatch-bench --devices devices --work .build/bench
	$(RELEASE)/deskwatch-bench --soak 24 --work .build/bench
	$(RELEASE)/deskwatch-bench --province 250

# make fuzz SECONDS=60 TARGET=syslog: libFuzzer with the address sanitizer over one decoder; TARGET=all takes them in turn.
# The first inputs are what simulated devices say, and the captures and messages beside the project where there are some.
# Without a stack for each allocation and with a small quarantine the sanitizer is half as fast again.
FUZZ_BIN = .build-fuzz/release/deskwatch-fuzz
fuzz:
	@Sources/Install/system-packages $(BUILD_PACKAGES)
	FUZZ=1 $(SWIFT) build -c release --product deskwatch-fuzz --scratch-path .build-fuzz
	@if [ ! -d .build-fuzz/corpus/frames ]; then \
	    $(SWIFT) build --product deskwatch-sim && $(BIN)/deskwatch-sim device devices --out .build-fuzz/spoken && \
	    find .build-fuzz/spoken ../shared/captures ../shared/messages -type f -size -4M -print0 2>/dev/null \
	        | xargs -0 $(FUZZ_BIN) --seeds .build-fuzz/corpus; \
	fi
	@targets=$(TARGET); [ $(TARGET) != all ] || targets=$$($(FUZZ_BIN) --targets); \
	for target in $$targets; do \
	    mkdir -p .build-fuzz/corpus/$$target; echo "== $$target"; \
	    ASAN_OPTIONS=malloc_context_size=0:quarantine_size_mb=1:detect_leaks=0 \
	        SWIFT_BACKTRACE=enable=no FUZZ_TARGET=$$target timeout -k 2 $$(( $(SECONDS) + 30 )) \
	        $(FUZZ_BIN) -max_total_time=$(SECONDS) -rss_limit_mb=1500 -timeout=10 -print_final_stats=1 \
	        -artifact_prefix=.build-fuzz/$$target- .build-fuzz/corpus/$$target || exit $$?; \
	done

# Only when record.proto changes: the generated file is committed.
proto:
	@Sources/Install/system-packages protobuf-compiler
	$(SWIFT) build -c release --product protoc-gen-swift --scratch-path .build-proto
	protoc --plugin=.build-proto/release/protoc-gen-swift --swift_out=Sources/Records --proto_path=Sources/Records record.proto

install:
	@Sources/Install/system-packages $(BUILD_PACKAGES)
	$(SWIFT) build -c release --static-swift-stdlib --scratch-path .build-static \
	    --product deskwatch-agent
	$(SWIFT) build -c release --static-swift-stdlib --scratch-path .build-static \
	    --product deskwatch-collector
	$(SWIFT) build -c release --static-swift-stdlib --scratch-path .build-static \
	    --product deskwatch-sim
	install -d $(DESTDIR)$(PREFIX)/bin $(DESTDIR)$(PREFIX)/share/deskwatch $(DESTDIR)$(PREFIX)/lib/systemd/system
	install -d $(DESTDIR)$(PREFIX)/share/bash-completion/completions $(DESTDIR)$(PREFIX)/share/zsh/site-functions
	install -d $(DESTDIR)$(PREFIX)/share/fish/vendor_completions.d
	set -e; for command in agent collector sim; do \
	    install -m 755 -s .build-static/release/deskwatch-$$command $(DESTDIR)$(PREFIX)/bin/; \
	    $(DESTDIR)$(PREFIX)/bin/deskwatch-$$command --generate-completion-script bash \
	        > $(DESTDIR)$(PREFIX)/share/bash-completion/completions/deskwatch-$$command; \
	    $(DESTDIR)$(PREFIX)/bin/deskwatch-$$command --generate-completion-script zsh \
	        > $(DESTDIR)$(PREFIX)/share/zsh/site-functions/_deskwatch-$$command; \
	    $(DESTDIR)$(PREFIX)/bin/deskwatch-$$command --generate-completion-script fish \
	        > $(DESTDIR)$(PREFIX)/share/fish/vendor_completions.d/deskwatch-$$command.fish; \
	done
	cp -R devices $(DESTDIR)$(PREFIX)/share/deskwatch/
	cp -R sim $(DESTDIR)$(PREFIX)/share/deskwatch/
	set -e; for command in agent collector; do \
	    sed 's|@PREFIX@|$(PREFIX)|' Sources/Install/deskwatch-$$command.service \
	        > $(DESTDIR)$(PREFIX)/lib/systemd/system/deskwatch-$$command.service; \
	done

clean:
	rm -rf .build .build-fuzz .build-static .build-proto demo-out
