#!/usr/bin/env bash
# Setting up, installing and uninstalling: scripts/setup with a package manager of its own, the build into a
# folder of its own.
. "$TOP_SRCDIR/tests/cli/tap.sh"

# scripts/setup with a package manager that only records its arguments, and a build that does nothing.
# `runtime` is the package of clang's run-time library that the release has, or nothing.
setup() { # RUNTIME ARGUMENT...
    local root=$tmp/setup
    rm -rf "$root"
    mkdir -p "$root/bin" "$root/scripts" "$root/build"
    cp "$TOP_SRCDIR/scripts/setup" "$root/scripts"
    touch "$root/configure.ac" "$root/build/Makefile" "$root/runtime"
    touch -d '+1 minute' "$root/configure"
    [ -z "$1" ] || printf 'Package: %s\n' "$1" > "$root/runtime"
    shift
    cat > "$root/bin/apt-get" << 'END'
#!/bin/sh
root=${0%/bin/*}
[ "$1" = install ] || exit 0
for word; do
    case $word in
    -*) ;;
    libclang-rt-*) grep -qx "Package: $word" "$root/runtime" || { echo "no package $word" >&2; exit 100; } ;;
    esac
    echo "$word" >> "$root/installed"
done
END
    printf '#!/bin/sh\nexit 1\n' > "$root/bin/dpkg-query"
    printf '#!/bin/sh\ngrep -x "Package: $2" "${0%%/bin/*}/runtime"\n' > "$root/bin/apt-cache"
    printf '#!/bin/sh\n[ "$1" = -u ] && echo 0\n' > "$root/bin/id"
    printf '#!/bin/sh\necho 19.1.7\n' > "$root/bin/clang"
    printf '#!/bin/sh\n:\n' > "$root/bin/make"
    chmod +x "$root"/bin/* "$root/configure"
    env -i PATH="$root/bin:$PATH" sh "$root/scripts/setup" "$@"
}
installs() { # PATTERN: how many packages of that name were asked for
    grep -c -x -- "$1" "$tmp/setup/installed"
}

check "setup on a release with a package for clang's run-time library" 0 "" "is ready" setup libclang-rt-19-dev --tests
is "the package of clang's version is installed" "$(installs 'libclang-rt-.*')$(installs libclang-rt-19-dev)" 11
check "setup on a release without one" 0 "" "is ready" setup "" --tests
is "clang and Valgrind are installed, no run-time library" \
    "$(installs clang)$(installs valgrind)$(installs 'libclang-rt-.*')" 110
check "setup for the quick tests" 0 "" "is ready" setup "" --quick-tests
is "these need neither clang nor Valgrind" "$(installs tmux)$(installs clang)$(installs valgrind)" 100
check "setup with a word that it does not know" 2 "" "usage: scripts/setup" setup "" --test

# An installation leaves no folder of its own behind.
unset MAKEFLAGS MFLAGS MAKELEVEL
if make -s -C "$TOP_BUILDDIR" install prefix=/usr DESTDIR="$tmp/root" > "$out" 2>&1; then
    result 1 "make install"
    check "the installed program runs" 0 "^ipdlam " "" "$tmp/root/usr/bin/ipdlam" --version
    make -s -C "$TOP_BUILDDIR" uninstall prefix=/usr DESTDIR="$tmp/root" > "$out" 2>&1
    is "make uninstall takes all files away" "$(find "$tmp/root" -type f)" ""
    is "and the program's folders" "$(find "$tmp/root" -name ipdlam)" ""
else
    result 0 "make install: $(tail -n 3 "$out")"
fi
done_testing
