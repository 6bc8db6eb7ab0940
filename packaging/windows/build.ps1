# The same build natively on Windows 10 or 11, with python.org's Python 3.11 (64 bit).
#
#   powershell -ExecutionPolicy Bypass -File packaging\windows\build.ps1 [-Release] [-Edition light] [-Python C:\...\python.exe]
#
# Makes build\windows\ (environment), "build\frozen\DeepRX Inspector" (program) and build\setup\
# (setup, portable zip, SHA256SUMS.txt). Needs makensis (NSIS 3) in PATH for the setup.
# NOT RUN BY US YET: written beside build_under_wine.sh, which was (docs/windows-build.md).
[CmdletBinding()]
param(
    [string]$Python = "python",
    [switch]$Release,
    [ValidateSet("full", "light")][string]$Edition = "full",
    [switch]$NoSetup
)
$ErrorActionPreference = "Stop"
Set-StrictMode -Version 3
$Root = (Resolve-Path "$PSScriptRoot\..\..").Path
Set-Location $Root
$Environment = "$Root\build\windows"
$Light = $Edition -eq "light"
$Program = "$Root\build\$(if ($Light) { "frozen-light" } else { "frozen" })\DeepRX Inspector"
$Name = if ($Light) { "DeepRX-Inspector-light" } else { "DeepRX-Inspector" }
$Out = "$Root\build\setup"
$Trial = "$Root\build\windows-trial"
$env:PYTHONUTF8 = "1"

function Step([string]$Name, [scriptblock]$What) {
    Write-Host "== $Name"
    $clock = [Diagnostics.Stopwatch]::StartNew()
    & $What
    Write-Host ("== {0}: {1:n0} s" -f $Name, $clock.Elapsed.TotalSeconds)
}

function Run([string]$File, [string[]]$Words) {
    # Start-Process joins words without quoting them; the call operator quotes, and waits for a
    # program without a console only when its output is taken.
    & $File @Words | Out-Host
    if ($LASTEXITCODE -ne 0) { throw "$File $($Words -join ' ') ended with code $LASTEXITCODE" }
}

Step "environment" {
    $version = & $Python -c "import struct, sys; print(sys.version_info[:2] == (3, 11) and struct.calcsize('P') == 8)"
    if ($version -ne "True") { throw "$Python is not a 64-bit Python 3.11; name one with -Python" }
    # A copy of it, as under Wine: its C++ run time is exchanged, which the installed one must not
    # notice, and PyInstaller finds nothing but the pinned packages.
    if (Test-Path $Environment) { Remove-Item -Recurse -Force $Environment }
    $base = & $Python -c "import sys; print(sys.base_prefix)"
    New-Item -ItemType Directory -Force "$Root\build" | Out-Null
    Copy-Item -Recurse $base $Environment
    $packages = "$Environment\Lib\site-packages"
    foreach ($folder in $packages, "$Environment\Scripts", "$Environment\tcl") {
        if (Test-Path $folder) { Remove-Item -Recurse -Force $folder }
    }
    New-Item -ItemType Directory $packages | Out-Null
    Run $Python @("-m", "pip", "install", "-q", "--no-deps", "--only-binary=:all:", "--require-hashes",
        "--target", $packages, "-r", "packaging\windows\requirements-windows.txt")
    # One version of Microsoft's C++ run time for Python, Qt and torch: the newest of all.
    Get-ChildItem "$Environment\*140*.dll" | Remove-Item -Force
    if (-not (Test-Path "$packages\Scripts\msvcp140.dll")) { throw "msvc-runtime brought no DLLs" }
    Move-Item "$packages\Scripts\*140*.dll" $Environment
    foreach ($left in "$packages\Scripts", "$packages\bin", "$packages\*140*.dll") {
        if (Test-Path $left) { Remove-Item -Recurse -Force $left }
    }
    $script:Own = "$Environment\python.exe"
}

Step "freezing" {
    Run $Own @("packaging\freeze.py", "--this-python", "--no-trial", "--edition", $Edition) # checks the folder as well
}

Step "self-test" {
    New-Item -ItemType Directory -Force "$Trial\検査 データ" | Out-Null
    Run "$Program\deeprx.exe" @("self-test", "--data-dir", "$Trial\検査 データ")
    Run "$Program\DeepRX Inspector.exe" @("--self-test", "--report", "$Trial\report.json", "--data-dir", "$Trial\検査 データ")
    $report = Get-Content -Raw -Encoding UTF8 "$Trial\report.json" | ConvertFrom-Json
    if (-not ($report.ok -and $report.frozen)) { throw "the window's program failed its self-test" }
}

Step "learn and score" {
    Run "$Program\deeprx.exe" @("demo", "--headless", "--out", "$Trial\demo", "--data-dir", "$Trial\検査 データ")
    if (-not (Test-Path "$Trial\demo\report.html")) { throw "the demonstration left no report" }
}

if ($NoSetup) { return }

Step "setup" {
    $number = & $Own -c "import deeprx_gui; print(deeprx_gui.__version__)"
    if (Test-Path $Out) { Remove-Item -Recurse -Force $Out }
    New-Item -ItemType Directory -Force $Out | Out-Null
    $setup = "$Out\$Name-$number-setup.exe"
    $words = @("/V2", "/INPUTCHARSET", "UTF8", "/DVERSION=$number", "/DSOURCE=$Program", "/DSETUP=$setup",
        "/DICON=$Root\packaging\app.ico", "/DPICTURES=$Root\build\setup-pictures")
    if ($Release) { $words += "/DLZMA" }
    if ($Light) { $words += "/DEDITION=light" }
    Run $Own @("packaging\setup_pictures.py", "$Root\build\setup-pictures")
    Run "makensis" ($words + "packaging\windows\installer.nsi")
    Compress-Archive -Path $Program -DestinationPath "$Out\$Name-$number-portable.zip"
    Get-ChildItem $Out -File | ForEach-Object {
        "{0}  {1}" -f (Get-FileHash -Algorithm SHA256 $_.FullName).Hash.ToLower(), $_.Name
    } | Set-Content -Encoding ascii "$Out\SHA256SUMS.txt"
    # The budget is for what is handed over: zlib is for whoever waits for it.
    if ($Release) { Run $Own @("packaging\check_dist.py", $Program, "--edition", $Edition, "--setup", $setup) }
}

Step "install, run, upgrade, uninstall" {
    $setup = (Get-Item "$Out\*-setup.exe").FullName
    $place = "$Trial\installed"
    $data = "$env:LOCALAPPDATA\DeepRXInspector"
    function Setup([string[]]$Words) {
        $ended = Start-Process -Wait -PassThru $setup -ArgumentList ($Words + "/D=$place") # unquoted, last
        if ($ended.ExitCode -ne 0) { throw "setup ended with code $($ended.ExitCode)" }
    }
    Setup @("/S")
    Run "$place\deeprx.exe" @("self-test")
    New-Item -ItemType Directory -Force $data | Out-Null
    Set-Content "$data\kept-by-setup.txt" "mine"
    Set-Content "$place\_internal\of-an-older-program.dll" "MZ"
    Setup @("/S")
    if (Test-Path "$place\_internal\of-an-older-program.dll") { throw "the upgrade left an old file" }
    Start-Process -Wait "$place\uninstall.exe" -ArgumentList "/S"
    foreach ($second in 1..60) { if (Test-Path $place) { Start-Sleep 1 } }
    if (Test-Path $place) { throw "the program is still there" }
    if (-not (Test-Path "$data\kept-by-setup.txt")) { throw "the data did not stay" }
    Remove-Item "$data\kept-by-setup.txt"
}
Write-Host "fit: $Out"
