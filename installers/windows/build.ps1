# Builds the installer for Windows: the frozen program, started once, then Inno Setup's installer with its sums.
# Run in the environment that `py installers\setup_environment.py installer` makes, which calls this script.
#Requires -Version 5.1
[CmdletBinding()]
param(
    # The environment's Python.
    [Parameter(Mandatory = $true)] [string] $Python,
    # Inno Setup's compiler, 6.3 or newer; looked for where its installer puts it.
    [string] $Compiler = ''
)
Set-StrictMode -Version Latest
$ErrorActionPreference = 'Stop'

function Invoke-Checked {
    param([string] $Program, [string[]] $Arguments)
    & $Program @Arguments
    if ($LASTEXITCODE -ne 0) {
        throw "$Program $Arguments ended with code $LASTEXITCODE."
    }
}

function Find-Compiler {
    $found = Get-Command 'iscc.exe' -ErrorAction SilentlyContinue
    if ($null -ne $found) {
        return $found.Source
    }
    foreach ($folder in @(${env:ProgramFiles(x86)}, $env:ProgramFiles, $env:LOCALAPPDATA)) {
        foreach ($part in @('Inno Setup 6', 'Programs\Inno Setup 6')) {
            $candidate = Join-Path (Join-Path $folder $part) 'ISCC.exe'
            if (Test-Path $candidate) {
                return $candidate
            }
        }
    }
    throw 'Inno Setup 6 is missing; install it and try again.'
}

$root = Resolve-Path (Join-Path $PSScriptRoot '..\..')
Push-Location $root
try {
    if ($Compiler -eq '') {
        $Compiler = Find-Compiler
    }
    $definition = (& $Python -m installers.definition json) -join "`n" | ConvertFrom-Json
    if ($LASTEXITCODE -ne 0) {
        throw 'The definitions cannot be read.'
    }
    Invoke-Checked $Python @('-m', 'installers.build', 'frozen')

    $console = Join-Path $definition.ProgramFolder "$($definition.Program)-console.exe"
    Invoke-Checked $console @('doctor')

    $include = Join-Path (Split-Path $definition.Frozen) 'definition.iss'
    $lines = & $Python -m installers.definition inno
    # With a byte order mark, by which Inno Setup knows UTF-8.
    [System.IO.File]::WriteAllLines($include, $lines, (New-Object System.Text.UTF8Encoding $true))
    Invoke-Checked $Compiler @('/Q', "/DDefinition=$include", (Join-Path $PSScriptRoot 'medgan-viewer.iss'))

    $installer = Join-Path $definition.Dist "$($definition.WindowsArtefact).exe"
    if ($env:MEDGAN_SIGN -ne $null -and $env:MEDGAN_SIGN -ne '') {
        # A certificate's thumbprint in the store of whoever builds; without one the installer is unsigned.
        Invoke-Checked 'signtool.exe' @('sign', '/fd', 'SHA256', '/sha1', $env:MEDGAN_SIGN, $installer)
    }
    Invoke-Checked $Python @('-m', 'installers.build', 'sums')
    Write-Output $installer
}
finally {
    Pop-Location
}
