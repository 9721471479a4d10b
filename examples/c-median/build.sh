#!/bin/sh
# Builds dist/median.wasm of median.c: build.sh [FOLDER WITH BINDINGS]
#
# Needs clang, and Rust as the repository's rust-toolchain.toml has it: its linker
# links WebAssembly. What is made is a core module; `phat` makes a component of it.
set -eu

here=$(cd "$(dirname "$0")" && pwd)
dist=${DIST:-$here/dist}
bindings=${1:-$dist/bindings}
mkdir -p "$dist"
if [ $# -eq 0 ]; then
    cargo run --quiet --manifest-path "$here/../../Cargo.toml" \
        --package phat-guest-build --features c --example c_bindings -- "$bindings"
fi

sysroot=$(rustc --print sysroot)
host=$(rustc -vV | sed -n 's/^host: //p')
linker=$sysroot/lib/rustlib/$host/bin/rust-lld

objects=
for source in "$here/median.c" "$here/libc/libc.c" "$bindings/contract.c"; do
    object=$dist/$(basename "$source" .c).o
    clang --target=wasm32-unknown-unknown -std=c11 -Os -Wall -Wextra -Werror \
        -ffreestanding -nostdlibinc -isystem "$here/libc" -I "$bindings" \
        -Wno-unused-parameter -c "$source" -o "$object"
    objects="$objects $object"
done
# shellcheck disable=SC2086 # one word for each object
"$linker" -flavor wasm --no-entry --gc-sections --strip-debug -z stack-size=262144 \
    $objects "$bindings/contract_component_type.o" -o "$dist/median.wasm"
