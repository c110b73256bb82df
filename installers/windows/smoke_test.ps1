# Installs and starts the installer of build.ps1 on a computer, and removes it again: smoke_test.ps1 SETUP.exe RESULTS
#Requires -Version 5.1
[CmdletBinding()]
param(
    [Parameter(Mandatory = $true)] [string] $Setup,
    [Parameter(Mandatory = $true)] [string] $Results
)
Set-StrictMode -Version Latest
$ErrorActionPreference = 'Stop'

function Invoke-Checked {
    param([string] $Program, [string[]] $Arguments)
    $process = Start-Process -FilePath $Program -ArgumentList $Arguments -Wait -PassThru -NoNewWindow
    if ($process.ExitCode -ne 0) {
        throw "$Program $Arguments ended with code $($process.ExitCode)."
    }
}

New-Item -ItemType Directory -Force $Results | Out-Null
$folder = Join-Path $env:TEMP 'medgan-viewer-smoke-test'
Invoke-Checked $Setup @('/VERYSILENT', '/SUPPRESSMSGBOXES', '/NORESTART', '/CURRENTUSER', "/DIR=`"$folder`"")

# Without the builder's Python: nothing but Windows' own programs is found.
$env:Path = "$env:SystemRoot\System32;$env:SystemRoot"
Remove-Item -Path @('Env:PYTHONHOME', 'Env:PYTHONPATH') -ErrorAction SilentlyContinue
# What a person answers at the first start.
$env:MEDGAN_CONFIG = Join-Path $env:TEMP 'medgan-viewer-smoke-settings'
New-Item -ItemType Directory -Force $env:MEDGAN_CONFIG | Out-Null
Set-Content -Encoding Ascii (Join-Path $env:MEDGAN_CONFIG 'settings.json') '{"accepted": "1"}'
$console = Join-Path $folder 'medgan-viewer-console.exe'
Invoke-Checked $console @('--version')
Invoke-Checked $console @('doctor')
$demo = Join-Path $Results 'demo'
Invoke-Checked $console @('demo', '--headless', '--out', "`"$demo`"")
foreach ($kind in @('dcm', 'png', 'pdf', 'mp4')) {
    if (-not (Get-ChildItem -Recurse $demo -Filter "*.$kind")) {
        throw "The demonstration wrote no .$kind."
    }
}

$viewer = Start-Process -FilePath (Join-Path $folder 'medgan-viewer.exe') -PassThru
$deadline = (Get-Date).AddSeconds(90)
while ($viewer.MainWindowHandle -eq 0) {
    if ($viewer.HasExited -or (Get-Date) -gt $deadline) {
        throw 'No window came up.'
    }
    Start-Sleep -Milliseconds 500
    $viewer.Refresh()
}
$null = $viewer.CloseMainWindow()
if (-not $viewer.WaitForExit(30000)) {
    throw 'The window does not close.'
}

Invoke-Checked (Join-Path $folder 'unins000.exe') @('/VERYSILENT', '/SUPPRESSMSGBOXES', '/NORESTART')
$deadline = (Get-Date).AddSeconds(30)
while (Test-Path $folder) {
    # The uninstaller removes itself a moment after it has ended.
    if ((Get-Date) -gt $deadline) {
        throw "Left behind: $folder"
    }
    Start-Sleep -Milliseconds 500
}
Write-Output 'Passed'
