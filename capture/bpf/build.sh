#!/bin/sh
# Builds the objects from source, into this directory or another. They are checked in, so only who changes the C
# needs this. clang is pinned: another major version gives other objects (tests/record/object.rs compares them).
set -eu
cd "$(dirname "$0")"
clang="${LANNER_BPF_CLANG:-clang-14}"
strip="${LANNER_BPF_STRIP:-llvm-strip-14}"
out="${1:-.}"

build() { # source, architecture in the kernel's words, object
	"$clang" -O2 -g -mcpu=v3 --target=bpf -D"__TARGET_ARCH_$2" -ffile-prefix-map="$PWD"=. \
		-fno-unroll-loops -Wall -Werror -Wno-unused-function -Wno-unused-variable -c "$1" -o "$out/$3"
	# Nobody reads the relocations of the debug data.
	"$strip" -g --remove-section=.rel.BTF --remove-section=.rel.BTF.ext --discard-all "$out/$3"
}

build recorder.bpf.c x86 recorder.x86_64.bpf.o
build recorder.bpf.c arm64 recorder.aarch64.bpf.o
build counter.bpf.c x86 counter.x86_64.bpf.o
build counter.bpf.c arm64 counter.aarch64.bpf.o
