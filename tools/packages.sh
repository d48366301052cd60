# packages.sh - what each command of ./dev needs from Debian, and how it gets
# there; sourced by ./dev and .ci/run. A row is: group, how to see that it is
# there, package. "cmd x" is a command, "pkg x" a pkg-config module, "hdr x" a
# header. apt is asked only about what is missing.
packages_table='
build cmd cc              gcc
build hdr stdio.h         libc6-dev
build cmd meson           meson
build cmd ninja           ninja-build
build cmd pkg-config      pkg-config
build pkg inih            libinih-dev
build hdr xxhash.h        libxxhash-dev
build pkg sqlite3         libsqlite3-dev
build pkg libpcre2-8      libpcre2-dev
test  pkg cmocka          libcmocka-dev
test  pkg jansson         libjansson-dev
test  cmd g++             g++
test  pkg simdjson        libsimdjson-dev
torture cmd mkfs.ext4    e2fsprogs
torture cmd mkfs.xfs     xfsprogs
torture cmd faketime     faketime
test  pkg rdkafka         librdkafka-dev
test  pkg libmicrohttpd   libmicrohttpd-dev
kafka cmd java            default-jdk-headless
kafka cmd mvn             maven
lint  cmd clang-format-14 clang-format-14
lint  cmd pmccabe         pmccabe
lint  cmd g++             g++
clang cmd clang-14        clang-14
counts cmd valgrind       valgrind
cover cmd gcovr           gcovr
'

# package_is_there KIND NAME
package_is_there() {
    case $1 in
    cmd) command -v "$2" >/dev/null ;;
    pkg) pkg-config --exists "$2" 2>/dev/null ;;
    hdr) local d
        for d in /usr/include /usr/local/include /usr/include/*-linux-gnu; do
            [ -e "$d/$2" ] && return 0
        done
        return 1 ;;
    esac
}

# packages_missing GROUP...: the Debian packages that are not there.
packages_missing() {
    local group kind name package
    while read -r group kind name package; do
        case " $* " in
        *" $group "*) package_is_there "$kind" "$name" || echo "$package" ;;
        esac
    done <<<"$packages_table"
}

# packages_there GROUP...: the libraries that are there.
packages_there() {
    local group kind name package
    while read -r group kind name package; do
        case " $* " in
        *" $group "*) [ "$kind" != pkg ] || ! package_is_there pkg "$name" || echo "$name" ;;
        esac
    done <<<"$packages_table"
}

# packages_install PACKAGE...: as root or through sudo without a password.
packages_install() {
    local as=() log
    [ "$(id -u)" = 0 ] || as=(sudo -n)
    log=$(mktemp) || return 1
    local apt=("${as[@]}" env DEBIAN_FRONTEND=noninteractive apt-get -q)
    if ! "${apt[@]}" install -y --no-install-recommends "$@" >"$log" 2>&1; then
        if ! { "${apt[@]}" update &&
            "${apt[@]}" install -y --no-install-recommends "$@"; } \
            >"$log" 2>&1; then
            tail -5 "$log" >&2
            rm -f "$log"
            return 1
        fi
    fi
    rm -f "$log"
}

# packages_may_install: is this Debian, and are we allowed to?
packages_may_install() {
    command -v apt-get >/dev/null || return 1
    [ "$(id -u)" = 0 ] && return 0
    sudo -n true 2>/dev/null
}
