"""Libraries that the operating system brings: a program may need them without carrying them."""

from __future__ import annotations

import re

_NAMES = """
advapi32 authz avicap32 avrt bcrypt bcryptprimitives cfgmgr32 combase comctl32 comdlg32 crypt32
cryptbase cryptsp d2d1 d3d11 d3d12 d3d9 d3dcompiler_47 dbgeng dbghelp dcomp dnsapi dwmapi dwrite
dxcore dxgi dxva2 fwpuclnt gdi32 gdi32full gdiplus glu32 hid icuuc icuin icu imagehlp imm32 iphlpapi
kernel32 kernelbase ksuser magnification mf mfcore mfplat mfreadwrite mmdevapi mpr mscms msdmo
msimg32 mswsock msvcrt msvfw32 ncrypt netapi32 normaliz ntdll ole32 oleacc oleaut32 opengl32
pdh powrprof propsys psapi rpcrt4 rstrtmgr runtimeobject sechost secur32 setupapi shcore shell32
shlwapi strmiids ucrtbase uiautomationcore urlmon user32 userenv usp10 uxtheme version wevtapi
win32u wininet winhttp winmm winspool.drv wintrust wldap32 ws2_32 wsock32 wtsapi32 xinput1_4
xmllite
"""
WINDOWS = frozenset(_NAMES.split())
"""Windows 10, without the ending."""
LINUX = re.compile(
    r"^(ld-linux-x86-64|libc|libm|libdl|libpthread|librt|libutil|libresolv|libanl|libnsl|libcrypt"
    r"|libGL|libGLX|libEGL|libOpenGL|libGLESv2|libgbm|libdrm|libvulkan"
    r"|libX11|libX11-xcb|libXext|libxcb(-[a-z0-9]+)*|libxkbcommon(-x11)?|libICE|libSM"
    r"|libfontconfig|libfreetype|libglib-2\.0|libgobject-2\.0|libgthread-2\.0|libgio-2\.0|libdbus-1"
    r"|libasound|libudev|libz|libstdc\+\+|libgcc_s|linux-vdso)\.so(\.\d+)*$"
)
"""glibc, the C++ run time, and what a desktop has: Debian packages in boot_system.py."""
MSVC = re.compile(r"(?i)^(msvcp|vcruntime|concrt|vccorlib|vcomp|vcamp)140(_[a-z0-9_]+)?\.dll$")
"""Microsoft's C++ run time: not part of Windows, so it has to be in the folder."""


def from_windows(name: str) -> bool:
    """Say whether Windows 10 brings a DLL."""
    plain = name.lower()
    if plain.startswith(("api-ms-win-", "ext-ms-win-")):
        return True
    return plain.removesuffix(".dll") in WINDOWS


def from_linux(name: str) -> bool:
    """Say whether a Linux desktop brings a library."""
    return LINUX.match(name) is not None
