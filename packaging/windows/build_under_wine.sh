#!/usr/bin/env bash
# From nothing to a tried Windows program, on Debian as root:
#
#     packaging/windows/build_under_wine.sh FOLDER [--release] [--edition light]
#
# FOLDER is the only place that is written to (about 6 GB; a second run reuses what it fetched).
# --release: the setup is compressed as far as it goes (minutes instead of seconds).
# --edition light: without torch, for stations that only inspect (docs/light-edition.md).
# The environment may say: DEEPRX_PYTHON, the Python with this project's dependencies (default
# .venv) that computes the Linux scores; DEBIAN_MIRROR; everything pip and apt listen to.
#
# Runs in mount and process namespaces of its own: no mount and no program survives it. Everything
# after the downloads runs without a network. Log: FOLDER/build.log, times: FOLDER/times.tsv.
set -euo pipefail

HERE=$(cd "$(dirname "$0")" && pwd)
ROOT=$(cd "$HERE/../.." && pwd)
usage() { sed -n '2,14s/^# \{0,1\}//p' "$0"; }
die() { echo "build_under_wine: $*" >&2; exit 2; }
tell() { echo "[$(date +%H:%M:%S)] $*"; }

case ${1:-} in "" | -h | --help) usage; exit 2 ;; esac
FOLDER=$(realpath -m "$1")
COMPRESSION=${COMPRESSION:-zlib}
EDITION=${EDITION:-full}
shift
while [ $# -gt 0 ]; do
  case $1 in
  --release) COMPRESSION=lzma ;;
  --edition) EDITION=${2:-} && shift ;;
  *) usage; exit 2 ;;
  esac
  shift
done
case $EDITION in
full) FROZEN=frozen FILE=DeepRX-Inspector ;;
light) FROZEN=frozen-light FILE=DeepRX-Inspector-light ;;
*) die "there is no edition $EDITION: full or light" ;;
esac
case "$FOLDER/" in "$ROOT/"*) die "FOLDER must lie outside the source" ;; esac
PYTHON=${DEEPRX_PYTHON:-$ROOT/.venv/bin/python}
TREE=$FOLDER/tree
DOWNLOADS=$FOLDER/downloads
SOURCE=$TREE/source
PROGRAM="$SOURCE/build/$FROZEN/DeepRX Inspector"
OUT=$TREE/out
WINE_ENV=()

# shellcheck source=wine_tree.sh
. "$HERE/wine_tree.sh"
# shellcheck source=wine_installer.sh
. "$HERE/wine_installer.sh"

check_machine() {
  [ "$(id -u)" = 0 ] || die "must run as root: it makes a Debian tree and changes into it"
  for tool in apt-get dpkg-deb chroot unshare; do
    command -v "$tool" >/dev/null || die "$tool is not there; this needs Debian or Ubuntu"
  done
  [ -x "$PYTHON" ] || die "no $PYTHON: run python packaging/bootstrap.py install"
  [ "$(df --output=avail -BG "$FOLDER" | tail -n 1 | tr -dc 0-9)" -ge 6 ] || die "6 GB are needed"
}

# A step says what it does and how long it took.
step() {
  local name=$1 start
  shift
  tell "$name"
  start=$(date +%s.%N)
  "$@"
  awk -v a="$start" -v b="$(date +%s.%N)" -v n="$name" \
    'BEGIN { printf "%s\t%.0f\n", n, b - a }' | tee -a "$FOLDER/times.tsv"
}

mounts() {
  mount --make-rprivate /
  mount -t proc proc "$TREE/proc"
  mount --rbind /sys "$TREE/sys" # OpenCV's threads ask it for the processors
  mount --rbind /dev "$TREE/dev"
}

screen() {
  mkdir -p "$TREE/screen" "$TREE/tmp/.X11-unix"
  rm -f "$TREE/tmp/.X98-lock" "$TREE/tmp/.X11-unix/X98"
  chroot "$TREE" Xvfb :98 -screen 0 1600x1000x24 -fbdir /screen -nolisten tcp >/dev/null 2>&1 &
  for _ in $(seq 100); do
    [ ! -S "$TREE/tmp/.X11-unix/X98" ] || return 0
    sleep 0.1
  done
  die "no virtual screen"
}

# The files git knows or would know: what is on the disk, without what was built from it.
copy_source() {
  rm -rf "$SOURCE"
  mkdir -p "$SOURCE"
  git -C "$ROOT" ls-files -z --cached --others --exclude-standard -- deeprx_gui packaging resources \
    docs/guide docs/screenshots tests/data pyproject.toml README.md |
    tar --create --directory="$ROOT" --ignore-failed-read --null --files-from=- |
    tar --extract --directory="$SOURCE"
  tell "source: $(git -C "$ROOT" rev-parse --short HEAD)," \
    "$(git -C "$ROOT" status --porcelain -- deeprx_gui packaging resources | wc -l) files changed"
}

freeze() {
  WINE_ENV=(PYTHONUTF8=1)
  wine_ 1500 'Z:\py311\python.exe' 'Z:\source\packaging\freeze.py' --this-python --no-trial \
    --edition "$EDITION"
  WINE_ENV=()
}

check_folder() {
  "$PYTHON" "$ROOT/packaging/check_dist.py" "$PROGRAM" --edition "$EDITION"
}

trials() {
  PYTHONPATH="$ROOT:$ROOT/packaging" "$PYTHON" "$HERE/wine_trials.py" "$TREE" "$PROGRAM" \
    --out "$FOLDER/trial" --edition "$EDITION" "$@"
}

fetch() {
  rm -f "$FOLDER/times.tsv"
  step "Debian 13 tree with Wine 10" make_tree
  step "Windows Python" make_python
  step "Windows packages" make_packages
}

build() {
  chroot "$TREE" /usr/sbin/ip link set lo up # asyncio on Windows talks to itself over it
  screen
  step "Wine prefix" make_prefix
  step "copy of the source" copy_source
  step "freezing" freeze
  step "check_dist" check_folder
  step "trial of the program" trials
  step "portable zip" make_zip
  step "setup ($COMPRESSION)" make_setup
  step "install, run, upgrade, uninstall" try_setup
  tell "fit: $OUT"
}

# A function, and "exit" on its line: bash must not read on in a file that may have changed since.
main() {
  case ${DEEPRX_PHASE:-} in
  "")
    mkdir -p "$FOLDER" "$DOWNLOADS"
    check_machine
    exec > >(tee "$FOLDER/build.log") 2>&1
    export COMPRESSION EDITION
    own=(unshare --mount --pid --fork --kill-child --mount-proc)
    DEEPRX_PHASE=fetch "${own[@]}" "$0" "$FOLDER"
    DEEPRX_PHASE=build "${own[@]}" --net "$0" "$FOLDER"
    cat "$FOLDER/times.tsv"
    ;;
  fetch) mount --make-rprivate / && fetch ;;
  build) mounts && build ;;
  *) die "unknown phase" ;;
  esac
}
main; exit
