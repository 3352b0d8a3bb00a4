#!/bin/sh
# Builds recorder.bpf.o from source. The object is checked in, so only who changes the C needs this.
# clang is pinned: another major version gives another object (tests/record/object.rs compares them).
set -eu
cd "$(dirname "$0")"
clang="${LANNER_BPF_CLANG:-clang-14}"
strip="${LANNER_BPF_STRIP:-llvm-strip-14}"
out="${1:-recorder.bpf.o}"
"$clang" -O2 -g -mcpu=v3 --target=bpf -D__TARGET_ARCH_x86 -ffile-prefix-map="$PWD"=. \
	-fno-unroll-loops -Wall -Werror -Wno-unused-function -Wno-unused-variable -c recorder.bpf.c -o "$out"
# Nobody reads the relocations of the debug data.
"$strip" -g --remove-section=.rel.BTF --remove-section=.rel.BTF.ext --discard-all "$out"
