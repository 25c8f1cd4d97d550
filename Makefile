# pitr-find and libwalparse: one non-recursive Makefile, every output under $(BUILD).
#
# `make help` lists the targets. What a variant (asan, tsan, fuzz, coverage) builds goes to a
# folder of its own below $(BUILD); it calls this file again with another BUILD and SAN.

, := ,

# ---- what a user may set -------------------------------------------------------------------
CC         ?= cc
AR         ?= ar
CXX        ?= c++
PKG_CONFIG ?= pkg-config
CFLAGS     ?= -O2 -g
LDFLAGS    ?=
HARDEN     ?= -fstack-protector-strong $(if $(filter -O1 -O2 -O3 -Os,$(CFLAGS)),-U_FORTIFY_SOURCE -D_FORTIFY_SOURCE=2)
# WERROR=1 (or CI=true in the environment) makes warnings errors.
WERROR     ?= $(if $(filter true 1,$(CI)),1)
PREFIX     ?= /usr/local
BINDIR     ?= $(PREFIX)/bin
LIBDIR     ?= $(PREFIX)/lib
INCLUDEDIR ?= $(PREFIX)/include
DATADIR    ?= $(PREFIX)/share
DESTDIR    ?=
BUILD      ?= build
FUZZ_SECONDS ?= 60
MUTATIONS  ?= 100000
# What make lint looks at: format shell tidy; nothing said: all.
LINT       ?=
# Libraries to build without, though they are there: lz4 zstd isal bz2 lzma brotli crypto libpq microhttpd.
WITHOUT    ?=
optional   := lz4 zstd isal bz2 lzma brotli crypto libpq microhttpd
unknown    := $(filter-out $(optional),$(WITHOUT))
ifneq ($(unknown),)
$(error WITHOUT=$(unknown): no such library here; it takes some of: $(optional))
endif
# A sanitizer build: SAN=address,undefined, SAN=thread, SAN=fuzz or SAN=coverage.
SAN        ?=

VERSION    := 0.1.0
SOVERSION  := 0
# The day of that version, as the manual shows it.
RELEASED   := 2026-11-29

# ---- libraries found -----------------------------------------------------------------------
# Evaluated once, when this file is read. Entry targets (demo, check, ...) install what is
# missing and then call make again, so a missing pkg-config is no error here.
# $(call find,NAME,MODULE): MODULE where it is there and NAME is not in WITHOUT.
find = $(if $(filter $(1),$(WITHOUT)),,$(shell $(PKG_CONFIG) --exists $(2) 2>/dev/null && echo $(2)))
LZ4    := $(call find,lz4,liblz4)
ZSTD   := $(call find,zstd,libzstd)
ISAL   := $(call find,isal,libisal)
LZMA   := $(call find,lzma,liblzma)
BROTLI := $(call find,brotli,libbrotlidec)
CRYPTO := $(call find,crypto,libcrypto)
LIBPQ  := $(call find,libpq,libpq)
MICROHTTPD := $(call find,microhttpd,libmicrohttpd)
# Not every libbz2 comes with a module.
BZ2    := $(if $(filter bz2,$(WITHOUT)),,$(shell echo '\#include <bzlib.h>' | $(CC) $(CPPFLAGS) -E - \
                                             >/dev/null 2>&1 && echo 1))
wp_cflags    := $(if $(LZ4),-DWP_WITH_LZ4=1) $(if $(ZSTD),-DWP_WITH_ZSTD=1) \
                $(if $(LZ4)$(ZSTD),$(shell $(PKG_CONFIG) --cflags $(LZ4) $(ZSTD)))
wp_libs      := $(if $(LZ4)$(ZSTD),$(shell $(PKG_CONFIG) --libs $(LZ4) $(ZSTD)))
codec_modules := $(LZ4) $(ZSTD) $(ISAL) $(LZMA) $(BROTLI) $(CRYPTO)
codec_macros := $(foreach c,LZ4 ZSTD ISAL LZMA BROTLI BZ2 CRYPTO,$(if $($(c)),-DWITH_$(c)=1))
codec_cflags := $(codec_macros) $(if $(strip $(codec_modules)),$(shell $(PKG_CONFIG) --cflags $(codec_modules)))
codec_libs   := -lz $(if $(BZ2),-lbz2) $(if $(strip $(codec_modules)),$(shell $(PKG_CONFIG) --libs $(codec_modules)))
pq_macro     := $(if $(LIBPQ),-DWITH_LIBPQ=1)
pq_cflags    := $(pq_macro) $(if $(LIBPQ),$(shell $(PKG_CONFIG) --cflags $(LIBPQ)))
http_macro   := $(if $(MICROHTTPD),-DWITH_MICROHTTPD=1)
http_cflags  := $(http_macro) $(if $(MICROHTTPD),$(shell $(PKG_CONFIG) --cflags $(MICROHTTPD)))
load_libs    := $(if $(LIBPQ)$(MICROHTTPD),-ldl) # both are loaded when they are needed
pcre2_cflags := $(shell $(PKG_CONFIG) --cflags libpcre2-8 2>/dev/null)
pcre2_libs   := $(or $(shell $(PKG_CONFIG) --libs libpcre2-8 2>/dev/null),-lpcre2-8)
cmocka_libs  := $(or $(shell $(PKG_CONFIG) --libs cmocka 2>/dev/null),-lcmocka)

# ---- flags ---------------------------------------------------------------------------------
warnings := -Wall -Wextra -Wconversion -Wcast-qual -Wshadow -Wstrict-prototypes \
            -Wmissing-prototypes -Wwrite-strings -Wformat=2 -Wvla $(if $(filter 1,$(WERROR)),-Werror)

ifeq ($(SAN),)
san := $(HARDEN)
else ifeq ($(SAN),coverage)
san := -O0 --coverage
else ifeq ($(SAN),fuzz)
san := -O1 -fno-omit-frame-pointer -fsanitize=fuzzer-no-link,address,undefined \
       -fno-sanitize-recover=all
else
san := -O1 -fno-omit-frame-pointer -fsanitize=$(SAN) -fno-sanitize-recover=all
endif
# At a fixed address a program with AddressSanitizer starts with a third of its page faults less: none of its globals,
# each with its description, is relocated.
fixed := $(if $(findstring address,$(SAN)),-no-pie)

base_flags := -std=c11 $(warnings) $(CFLAGS) $(san) -Iinclude
lib_flags  := $(base_flags) -Iwalparse -fPIC -fvisibility=hidden -fno-semantic-interposition \
              -DWP_VERSION_STRING='"$(VERSION)"' $(wp_cflags)
src_flags  := $(base_flags) -Isrc -D_GNU_SOURCE -D_FILE_OFFSET_BITS=64 -pthread \
              -DPITR_FIND_VERSION='"$(VERSION)"' $(pcre2_cflags) $(codec_cflags) $(pq_cflags) $(http_cflags)
test_flags := $(base_flags) -D_GNU_SOURCE -I. -Iwalparse -Isrc -Itests/support \
              -DPITR_FIND_VERSION='"$(VERSION)"' -DWP_VERSION_STRING='"$(VERSION)"' \
              $(wp_cflags) $(pcre2_cflags) $(codec_cflags)
link_flags := $(CFLAGS) $(san) $(LDFLAGS)
exe_flags  := $(link_flags) $(fixed)
src_libs   := $(pcre2_libs) $(codec_libs) $(load_libs) $(wp_libs) -pthread

# ---- sources -------------------------------------------------------------------------------
lib_src    := $(wildcard walparse/*/*.c)
prog_src   := $(wildcard src/*/*.c src/*/*/*.c)
support_src:= $(wildcard tests/support/*.c)
unit_src   := $(wildcard tests/unit/test_*.c)
fuzz_src   := $(wildcard tests/fuzz/fuzz_*.c)
damage_src := $(filter-out tests/damage/matrix.c tests/damage/mutate.c,$(wildcard tests/damage/*.c))
cli_suites := $(filter-out %/lib.sh,$(wildcard tests/cli/*.sh))
headers    := $(wildcard include/walparse/*.h)

obj = $(patsubst %.c,$(BUILD)/obj/%.o,$(1))

static_lib  := $(BUILD)/lib/libwalparse.a
shared_lib  := $(BUILD)/lib/libwalparse.so
prog_lib    := $(BUILD)/lib/libpitr-find.a
support_lib := $(BUILD)/lib/libsupport.a
program     := $(BUILD)/pitr-find
walcount    := $(if $(wildcard tools/walcount.c),$(BUILD)/tools/walcount)
unit_tests  := $(patsubst tests/unit/%.c,$(BUILD)/tests/%,$(unit_src))
# The program with no codec but zlib, without libpq and libmicrohttpd, for tests of what it says then.
bare        := $(BUILD)/tests/pitr-find-bare
replays     := $(patsubst tests/fuzz/fuzz_%.c,$(BUILD)/tests/replay_%,$(fuzz_src))
fuzzers     := $(patsubst tests/fuzz/%.c,$(BUILD)/%,$(fuzz_src))
# Made from the program's tables; a command has a page where it has examples.
make_manual := $(BUILD)/tools/make-manual
pages       := $(BUILD)/man/pitr-find.1 $(BUILD)/man/pitr-restore.1 \
               $(patsubst tools/man/%.examples,$(BUILD)/man/pitr-find-%.1,\
                 $(filter-out %/pitr-find.examples,$(wildcard tools/man/*.examples)))
bash_completions := $(BUILD)/completion/pitr-find $(BUILD)/completion/pitr-restore
zsh_completions  := $(BUILD)/completion/_pitr-find $(BUILD)/completion/_pitr-restore
# Prints the version table, to be held against servers.
profile     := $(BUILD)/tests/profile
# Holds blocks of base backups against what archivers restore.
blocks      := $(BUILD)/tests/blocks
# Holds page redo against the after-images of servers.
redo        := $(BUILD)/tests/redo
# Holds the rows that are there against those that servers show.
visible     := $(BUILD)/tests/visible
# Prints the tables of a stopped server as COPY does.
value       := $(BUILD)/tests/value
# Prints the catalogs of a stopped server as `rescue` reads them.
dictionary  := $(BUILD)/tests/dictionary
# Prints the SQL that makes tables of a stopped server anew.
ddl         := $(BUILD)/tests/ddl
# Writes what a stream of WAL hands out to segment files.
stream      := $(BUILD)/tests/stream
# They ask the program about damaged archives, without starting it each time.
matrix      := $(BUILD)/tests/matrix
mutate      := $(BUILD)/tests/mutate

.DEFAULT_GOAL := all
.DELETE_ON_ERROR:
.SUFFIXES:
.PHONY: manual deb run-deb check-deb run-check-deb
.PHONY: all demo check matrix mutate check-servers check-archives bench asan tsan fuzz coverage clang plain lint format install uninstall \
        clean help run-demo run-check run-units run-matrix run-mutate run-threads run-fuzz run-coverage \
        run-lint run-bench FORCE

# Entry targets may install packages and then build in a make of their own: one at a time.
entry_targets := demo check matrix mutate check-servers check-archives bench asan tsan fuzz coverage clang plain lint
entry_targets += deb check-deb
ifneq ($(filter $(entry_targets),$(MAKECMDGOALS)),)
.NOTPARALLEL:
endif
# $(call again,VARIABLES TARGET): this Makefile once more, on all cores unless -j was given.
again = +$(MAKE) --no-print-directory $(if $(findstring jobserver,$(MAKEFLAGS)),,-j$(shell nproc)) $(1)
run_suites = tests/support/run-suites.sh

all: $(program) $(static_lib) $(shared_lib) $(walcount) manual ## build the program, the library and the manual

demo: ## install what is missing, build, find the DROP TABLE in a shipped archive
	@tools/install-deps build
	$(call again,run-demo)

check: ## install what is missing, run every test that needs no server (some minutes)
	@tools/install-deps build check
	$(call again,run-check)

matrix: ## every state of a damaged segment x every packing x its place x every command (some minutes)
	@tools/install-deps build check
	$(call again,run-matrix)

mutate: ## MUTATIONS (100000) archives with one change each: no crash, no hang, no wrong answer without doubt
	@tools/install-deps build check
	$(call again,run-mutate)

check-servers: ## restore real servers of 10 to 18 with the targets found, and ask them about their WAL
	@tools/install-deps build servers
	$(call again,all $(profile) $(redo) $(visible) $(value) $(dictionary) $(ddl) $(stream))
	@$(run_suites) -v -t 3600 -o $(BUILD)/tap-servers "tests/servers/run.sh $(abspath $(program))"

check-archives: ## make archives with real archivers, find the DROP in each, restore from them
	@tools/install-deps build archives
	$(call again,all $(blocks))
	@$(run_suites) -v -t 1200 -o $(BUILD)/tap-archives "tests/archives/run.sh $(abspath $(program))" \
	  "tests/archives/blocks.sh $(abspath $(program))" "tests/archives/monitoring.sh $(abspath $(program))" "tests/archives/report.sh $(abspath $(program))"

bench: ## paired timings against pg_waldump, cat and pg_receivewal (prints ratios, never fails on them)
	@tools/install-deps build bench
	$(call again,run-bench)

asan: ## the tests of `check`, built with AddressSanitizer and UBSan
	@tools/install-deps build check
	$(call again,BUILD=$(BUILD)/asan SAN=address$(,)undefined run-check)

tsan: ## the threaded scanner on the fixtures, built with ThreadSanitizer
	@tools/install-deps build
	$(call again,BUILD=$(BUILD)/tsan SAN=thread run-threads)

fuzz: ## run the fuzzers for FUZZ_SECONDS in total (60); "fixed": a fixed number of inputs from a fixed seed
	@tools/install-deps build fuzz
	$(call again,BUILD=$(BUILD)/fuzz SAN=fuzz CC=clang run-fuzz)

coverage: ## line and branch coverage of the tests, per file
	@tools/install-deps build check
	$(call again,BUILD=$(BUILD)/coverage SAN=coverage run-coverage)

clang: ## everything built by clang without a warning, and the unit tests
	@tools/install-deps build check clang
	$(call again,BUILD=$(BUILD)/clang CC=clang WERROR=1 run-units)

plain: ## built without any optional library and without a warning: the unit tests, and the DROP TABLE of the demo
	@tools/install-deps build check
	$(call again,BUILD=$(BUILD)/plain WITHOUT="$(optional)" WERROR=1 run-units)

lint: ## clang-format, shellcheck and clang-tidy, all to zero warnings (LINT="format shell": without the minutes of clang-tidy)
	@tools/install-deps build check lint
	$(call again,run-lint)

# ---- building ------------------------------------------------------------------------------
# One short line per step; V=1 shows the whole commands.
say_cc = $(if $(V),,@echo "  CC    $<";)
say_ld = $(if $(V),,@echo "  LD    $@";)
say_ar = $(if $(V),,@echo "  AR    $@";)

# Objects depend on the flags they were built with, so changing CC or CFLAGS rebuilds them.
# Archives depend on the list of sources, so removing one rebuilds them.
$(BUILD)/flags: now = $(CC) $(lib_flags) | $(src_flags) | $(test_flags) | $(exe_flags)
$(BUILD)/sources: now = $(lib_src) $(prog_src) $(support_src)
$(BUILD)/flags $(BUILD)/sources: FORCE
	@mkdir -p $(@D)
	@printf '%s\n' '$(subst ','\'',$(now))' | cmp -s - $@ || \
	 printf '%s\n' '$(subst ','\'',$(now))' > $@

$(BUILD)/obj/walparse/%.o: walparse/%.c $(BUILD)/flags
	@mkdir -p $(@D)
	$(say_cc)$(CC) $(CPPFLAGS) $(lib_flags) -MMD -MP -c -o $@ $<

$(BUILD)/obj/src/%.o: src/%.c $(BUILD)/flags
	@mkdir -p $(@D)
	$(say_cc)$(CC) $(CPPFLAGS) $(src_flags) -MMD -MP -c -o $@ $<

$(BUILD)/obj/tools/%.o: tools/%.c $(BUILD)/flags
	@mkdir -p $(@D)
	$(say_cc)$(CC) $(CPPFLAGS) $(src_flags) -MMD -MP -c -o $@ $<

$(BUILD)/obj/tests/%.o: tests/%.c $(BUILD)/flags
	@mkdir -p $(@D)
	$(say_cc)$(CC) $(CPPFLAGS) $(test_flags) -MMD -MP -c -o $@ $<

# Made afresh: ar would keep the members of removed sources.
define archive
	@mkdir -p $(@D)
	@rm -f $@
	$(say_ar)$(AR) rcsD $@ $(filter %.o,$^)
endef
$(static_lib): $(call obj,$(lib_src)) $(BUILD)/sources
	$(archive)
$(prog_lib): $(call obj,$(prog_src)) $(BUILD)/sources
	$(archive)
$(support_lib): $(call obj,$(support_src)) $(BUILD)/sources
	$(archive)

$(shared_lib): $(call obj,$(lib_src)) $(BUILD)/sources
	@mkdir -p $(@D)
	$(say_ld)$(CC) $(link_flags) -shared -Wl,-soname,libwalparse.so.$(SOVERSION) \
	    $(if $(SAN),,-Wl$(,)-z$(,)defs) -o $@.$(VERSION) $(filter %.o,$^) $(wp_libs)
	@ln -sf libwalparse.so.$(VERSION) $(@D)/libwalparse.so.$(SOVERSION)
	@ln -sf libwalparse.so.$(SOVERSION) $@

$(program): $(call obj,src/main.c) $(prog_lib) $(static_lib)
	$(say_ld)$(CC) $(exe_flags) -o $@ $^ $(src_libs)

# Its objects come first: those of the archive are then not taken.
$(BUILD)/obj/bare/%.o: src/%.c $(BUILD)/flags
	@mkdir -p $(@D)
	$(say_cc)$(CC) $(CPPFLAGS) $(filter-out $(codec_macros) $(pq_macro) $(http_macro),$(src_flags)) -MMD -MP -c -o $@ $<

$(bare): $(patsubst src/%.c,$(BUILD)/obj/bare/%.o,$(wildcard src/codec/*.c) src/archive/name_sums.c src/server/session.c src/live/stream_source.c src/command/watch/listen.c) $(call obj,src/main.c) \
         $(prog_lib) $(static_lib)
	@mkdir -p $(@D)
	$(say_ld)$(CC) $(exe_flags) -o $@ $^ $(pcre2_libs) -lz $(wp_libs) -pthread

$(BUILD)/tools/walcount: $(call obj,tools/walcount.c) $(static_lib)
	@mkdir -p $(@D)
	$(say_ld)$(CC) $(exe_flags) -o $@ $^ -lz $(wp_libs)

# ---- manual and completion -----------------------------------------------------------------
manual: $(pages) $(bash_completions) $(zsh_completions) ## man pages and the shells' completion, from the program's table of options

say_gen = $(if $(V),,@echo "  GEN   $@";)

$(make_manual): $(call obj,tools/make-manual.c) $(prog_lib) $(static_lib)
	@mkdir -p $(@D)
	$(say_ld)$(CC) $(exe_flags) -o $@ $^ $(src_libs)

$(BUILD)/man/pitr-find.1: tools/man/pitr-find.examples $(make_manual)
	@mkdir -p $(@D)
	$(say_gen)$(make_manual) page pitr-find $(RELEASED) < $< > $@

$(BUILD)/man/pitr-find-%.1: tools/man/%.examples $(make_manual)
	@mkdir -p $(@D)
	$(say_gen)$(make_manual) page $* $(RELEASED) < $< > $@

$(BUILD)/man/pitr-restore.1: tools/pitr-restore tools/man/pitr-restore.awk Makefile
	@mkdir -p $(@D)
	$(say_gen)tools/pitr-restore --help | \
	    LC_ALL=C awk -v date=$(RELEASED) -v version=$(VERSION) -f tools/man/pitr-restore.awk > $@

$(BUILD)/completion/pitr-find: tools/completion/pitr-find.bash $(make_manual)
	@mkdir -p $(@D)
	$(say_gen)$(make_manual) bash > $@ && cat $< >> $@

$(BUILD)/completion/_pitr-find: tools/completion/pitr-find.zsh $(make_manual)
	@mkdir -p $(@D)
	$(say_gen)$(make_manual) zsh > $@ && cat $< >> $@

$(BUILD)/completion/pitr-restore: tools/pitr-restore tools/completion/pitr-restore.awk
	@mkdir -p $(@D)
	$(say_gen)tools/pitr-restore --help | LC_ALL=C awk -v shell=bash -f tools/completion/pitr-restore.awk > $@

$(BUILD)/completion/_pitr-restore: tools/pitr-restore tools/completion/pitr-restore.awk
	@mkdir -p $(@D)
	$(say_gen)tools/pitr-restore --help | LC_ALL=C awk -v shell=zsh -f tools/completion/pitr-restore.awk > $@

$(unit_tests): $(BUILD)/tests/%: $(BUILD)/obj/tests/unit/%.o $(support_lib) $(prog_lib) $(static_lib)
	@mkdir -p $(@D)
	$(say_ld)$(CC) $(exe_flags) -o $@ $^ $(cmocka_libs) $(src_libs)

$(BUILD)/obj/tests/damage/program_main.o: src/main.c $(BUILD)/flags
	@mkdir -p $(@D)
	$(say_cc)$(CC) $(CPPFLAGS) $(src_flags) -Wno-missing-prototypes -Dmain=program_main -MMD -MP -c -o $@ $<

$(matrix) $(mutate): $(BUILD)/tests/%: $(BUILD)/obj/tests/damage/%.o $(call obj,$(damage_src)) \
                     $(BUILD)/obj/tests/damage/program_main.o $(support_lib) $(prog_lib) $(static_lib)
	@mkdir -p $(@D)
	$(say_ld)$(CC) $(exe_flags) -o $@ $^ $(src_libs) $(if $(BROTLI),$(shell $(PKG_CONFIG) --libs libbrotlienc))

$(blocks): $(BUILD)/tests/%: $(BUILD)/obj/tests/archives/%.o $(prog_lib) $(static_lib)
	@mkdir -p $(@D)
	$(say_ld)$(CC) $(exe_flags) -o $@ $^ $(src_libs)

$(profile) $(redo) $(visible) $(value): $(BUILD)/tests/%: $(BUILD)/obj/tests/servers/%.o $(static_lib)
	@mkdir -p $(@D)
	$(say_ld)$(CC) $(exe_flags) -o $@ $^ $(wp_libs)

$(dictionary) $(ddl) $(stream): $(BUILD)/tests/%: $(BUILD)/obj/tests/servers/%.o $(prog_lib) $(static_lib)
	@mkdir -p $(@D)
	$(say_ld)$(CC) $(exe_flags) -o $@ $^ $(src_libs)

$(replays): $(BUILD)/tests/replay_%: $(BUILD)/obj/tests/fuzz/fuzz_%.o $(BUILD)/obj/tests/fuzz/replay.o \
            $(support_lib) $(prog_lib) $(static_lib)
	@mkdir -p $(@D)
	$(say_ld)$(CC) $(exe_flags) -o $@ $^ $(src_libs)

$(fuzzers): $(BUILD)/fuzz_%: $(BUILD)/obj/tests/fuzz/fuzz_%.o $(support_lib) $(prog_lib) $(static_lib)
	$(say_ld)$(CC) $(exe_flags) -fsanitize=fuzzer -o $@ $^ $(src_libs)

$(BUILD)/bench/pairtime: tests/bench/pairtime.c
	@mkdir -p $(@D)
	$(say_cc)$(CC) -std=c11 $(warnings) -O2 -D_GNU_SOURCE -o $@ $<

-include $(shell find $(BUILD)/obj -name '*.d' 2>/dev/null)

# ---- running -------------------------------------------------------------------------------
run-demo: $(program)
	$(program) --before "DROP TABLE" tests/fixtures/demo/wal

corpus = $(firstword $(wildcard tests/fuzz/corpus/$(1) tests/fuzz/corpus/fuzz_$(1)) tests/fuzz/corpus/$(1))
run-check: all $(unit_tests) $(replays) $(bare) $(matrix) $(profile) $(redo) $(visible) $(value)
	@CC='$(CC)' CXX='$(CXX)' $(run_suites) -t 900 $(if $(SAN),,-m 2000000) -o $(BUILD)/tap $(unit_tests) \
	    $(foreach r,$(replays),"$(r) $(call corpus,$(patsubst replay_%,%,$(notdir $(r))))") \
	    "$(matrix) -j 2 tests/fixtures thin" \
	    $(if $(SAN),,"tools/check-layers $(BUILD)" tools/check-headers) \
	    $(foreach s,$(if $(SAN),$(filter-out %/install.sh,$(cli_suites)),$(cli_suites)),"$(s) $(abspath $(program))")

# All that is compiled, and the tests of it that start no program but for the demo.
run-units: all $(unit_tests) $(replays) $(bare) $(matrix) $(mutate) $(redo) $(visible) $(value) $(dictionary) $(ddl) $(stream)
	@$(run_suites) -m 2000000 -o $(BUILD)/tap-units $(unit_tests) "tests/cli/fixtures.sh $(abspath $(program)) demo"

run-matrix: $(matrix)
	@$(run_suites) -v -t 1800 -o $(BUILD)/tap-matrix "$(matrix) -j $(shell nproc) tests/fixtures whole"

run-mutate: $(mutate)
	@$(run_suites) -v -t 7200 -o $(BUILD)/tap-mutate "$(mutate) -j $(shell nproc) -n $(MUTATIONS) tests/fixtures"

run-threads: $(program)
	@$(run_suites) -o $(BUILD)/tap "tests/support/threads.sh $(abspath $(program))"

run-fuzz: $(fuzzers)
	@$(run_suites) -v -t $(if $(filter fixed,$(FUZZ_SECONDS)),1200,$$(( $(FUZZ_SECONDS) + 600 ))) -o $(BUILD)/tap \
	    "tests/support/fuzz-all.sh $(BUILD) $(FUZZ_SECONDS) $(fuzzers)"

run-coverage: run-check
	@tools/coverage $(BUILD)

run-bench: all $(BUILD)/bench/pairtime
	@tests/bench/run $(BUILD)
	@tests/bench/rescue.sh $(BUILD)
	@tests/bench/watch.sh $(BUILD)

c_files = $(wildcard src/*.c $(foreach d,src/*/ src/*/*/ walparse/*/ tests/*/,$(d)*.[ch]) include/walparse/*.h tools/*.c)
run-lint:
	@LINT='$(LINT)' LINT_FLAGS='$(subst ','\'',$(test_flags))' $(run_suites) -v -t 1800 -o $(BUILD)/tap-lint "tools/lint $(c_files)"

format: ## format the sources in place (clang-format)
	clang-format -i $(c_files)

# ---- installing ----------------------------------------------------------------------------
MANDIR     := $(DATADIR)/man/man1
BASHDIR    := $(DATADIR)/bash-completion/completions
ZSHDIR     := $(DATADIR)/zsh/site-functions
DOCDIR     := $(DATADIR)/doc/pitr-find
LNAVDIR    := $(DATADIR)/pitr-find/lnav
UNITDIR    := $(DATADIR)/pitr-find/systemd
MONITORINGDIR := $(DATADIR)/pitr-find/monitoring
monitoring := $(wildcard tools/monitoring/*)
installed := $(BINDIR)/pitr-find $(BINDIR)/pitr-restore $(LIBDIR)/libwalparse.a $(LIBDIR)/libwalparse.so.$(VERSION) \
             $(LIBDIR)/libwalparse.so.$(SOVERSION) $(LIBDIR)/libwalparse.so \
             $(LIBDIR)/pkgconfig/walparse.pc \
             $(patsubst include/%,$(INCLUDEDIR)/%,$(headers)) \
             $(patsubst $(BUILD)/man/%,$(MANDIR)/%,$(pages)) \
             $(patsubst $(BUILD)/completion/%,$(BASHDIR)/%,$(bash_completions)) \
             $(patsubst $(BUILD)/completion/%,$(ZSHDIR)/%,$(zsh_completions)) $(DOCDIR)/LICENSE $(DOCDIR)/README.md \
             $(LNAVDIR)/pitr_find.json $(UNITDIR)/pitr-find-watch.service \
             $(patsubst tools/monitoring/%,$(MONITORINGDIR)/%,$(monitoring))

# A folder as walparse.pc names it: relative to ${prefix} where it is below.
below_prefix = $(patsubst $(PREFIX)/%,$${prefix}/%,$(1))

install: all ## install to PREFIX (/usr/local), below DESTDIR if set
	install -d $(DESTDIR)$(BINDIR) $(DESTDIR)$(LIBDIR)/pkgconfig $(DESTDIR)$(INCLUDEDIR)/walparse \
	    $(DESTDIR)$(MANDIR) $(DESTDIR)$(BASHDIR) $(DESTDIR)$(ZSHDIR) $(DESTDIR)$(DOCDIR) \
	    $(DESTDIR)$(LNAVDIR) $(DESTDIR)$(UNITDIR) $(DESTDIR)$(MONITORINGDIR)
	install -m 755 $(program) $(DESTDIR)$(BINDIR)/pitr-find
	install -m 755 tools/pitr-restore $(DESTDIR)$(BINDIR)/pitr-restore
	install -m 644 $(static_lib) $(DESTDIR)$(LIBDIR)/libwalparse.a
	install -m 644 $(shared_lib).$(VERSION) $(DESTDIR)$(LIBDIR)/libwalparse.so.$(VERSION)
	ln -sf libwalparse.so.$(VERSION) $(DESTDIR)$(LIBDIR)/libwalparse.so.$(SOVERSION)
	ln -sf libwalparse.so.$(SOVERSION) $(DESTDIR)$(LIBDIR)/libwalparse.so
	install -m 644 $(headers) $(DESTDIR)$(INCLUDEDIR)/walparse/
	install -m 644 $(pages) $(DESTDIR)$(MANDIR)/
	install -m 644 $(bash_completions) $(DESTDIR)$(BASHDIR)/
	install -m 644 $(zsh_completions) $(DESTDIR)$(ZSHDIR)/
	install -m 644 LICENSE README.md $(DESTDIR)$(DOCDIR)/
	install -m 644 tools/lnav/pitr_find.json $(DESTDIR)$(LNAVDIR)/
	install -m 644 tools/systemd/pitr-find-watch.service $(DESTDIR)$(UNITDIR)/
	install -m 644 $(monitoring) $(DESTDIR)$(MONITORINGDIR)/
	sed -e 's|@PREFIX@|$(PREFIX)|' -e 's|@LIBDIR@|$(call below_prefix,$(LIBDIR))|' \
	    -e 's|@INCLUDEDIR@|$(call below_prefix,$(INCLUDEDIR))|' \
	    -e 's|@VERSION@|$(VERSION)|' -e 's|@REQUIRES@|$(strip $(LZ4) $(ZSTD))|' \
	    walparse/walparse.pc.in > $(DESTDIR)$(LIBDIR)/pkgconfig/walparse.pc

uninstall: ## remove exactly what install put there
	rm -f $(addprefix $(DESTDIR),$(installed))
	-rmdir $(DESTDIR)$(INCLUDEDIR)/walparse $(DESTDIR)$(DOCDIR) $(DESTDIR)$(LNAVDIR) $(DESTDIR)$(UNITDIR) $(DESTDIR)$(MONITORINGDIR) $(DESTDIR)$(DATADIR)/pitr-find 2>/dev/null

# ---- Debian packages -----------------------------------------------------------------------
deb: ## build the Debian packages pitr-find, libwalparse0 and libwalparse-dev into BUILD
	@tools/install-deps build deb
	$(call again,run-deb)

check-deb: ## build them, install, use and purge them in a bare Debian 12 (as root)
	@tools/install-deps build deb
	$(call again,run-check-deb)

# From a copy of what they are made of, so that nothing of Debian's lies at the top of the tree.
deb_tree := $(BUILD)/deb/pitr-find-$(VERSION)
run-deb:
	@rm -rf $(BUILD)/deb
	@rm -f $(BUILD)/*.deb
	@mkdir -p $(deb_tree)
	@cp -R Makefile LICENSE README.md include src tools walparse $(deb_tree)
	@cp -R tools/debian $(deb_tree)/debian
	@sed -i 's/@VERSION@/$(VERSION)/' $(deb_tree)/debian/changelog
	cd $(deb_tree) && env -u MAKEFLAGS -u MAKELEVEL -u MFLAGS -u BUILD -u SAN \
	    DEB_BUILD_OPTIONS="parallel=$(shell nproc) noautodbgsym" dpkg-buildpackage -b -us -uc
	@mv $(BUILD)/deb/*.deb $(BUILD)/deb/*.changes $(BUILD)/deb/*.buildinfo $(BUILD)

run-check-deb: run-deb $(zsh_completions)
	@$(run_suites) -v -t 900 -o $(BUILD)/tap-deb "tests/deb/run.sh $(BUILD)"

clean: ## remove everything built
	rm -rf $(BUILD)

help: ## this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  %-14s %s\n", $$1, $$2 }' Makefile
