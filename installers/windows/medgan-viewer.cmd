@echo off
rem In a terminal the program answers there: Windows has another executable for that.
"%~dp0..\medgan-viewer-console.exe" %*
