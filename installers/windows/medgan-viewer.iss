; What Inno Setup makes of the frozen program. Called by build.ps1, which writes definition.iss from installers\definition.py.
#ifndef Definition
  #error Say where the definitions are: iscc /DDefinition=...\definition.iss
#endif
#include Definition

[Setup]
AppId={{{#WindowsId}}
AppName={#Name}
AppVersion={#Version}
AppVerName={#Name} {#Version}
AppPublisher={#Publisher}
VersionInfoVersion={#Version}
DefaultDirName={autopf}\{#Name}
DefaultGroupName={#Name}
DisableProgramGroupPage=yes
LicenseFile={#Licence}
; Without an administrator's rights it goes into the user's own folder.
PrivilegesRequired=lowest
PrivilegesRequiredOverridesAllowed=dialog
ArchitecturesAllowed=x64compatible
ArchitecturesInstallIn64BitMode=x64compatible
MinVersion=10.0.17763
OutputDir={#Dist}
OutputBaseFilename={#WindowsArtefact}
SetupIconFile={#Icons}\{#Program}.ico
UninstallDisplayIcon={app}\{#Program}.exe
UninstallDisplayName={#Name}
Compression=lzma2/normal
SolidCompression=yes
WizardStyle=modern
ChangesAssociations=yes
ChangesEnvironment=yes
; A program that runs holds its files; it is asked to close.
CloseApplications=yes

[Languages]
Name: "en"; MessagesFile: "compiler:Default.isl"

[Tasks]
Name: "desktopicon"; Description: "{cm:CreateDesktopIcon}"; Flags: unchecked
Name: "associate"; Description: "Offer {#Name} for DICOM files (.dcm)"
Name: "path"; Description: "Make the command {#Program} known in new terminals"; Flags: unchecked

[Files]
Source: "{#ProgramFolder}\*"; DestDir: "{app}"; Flags: recursesubdirs createallsubdirs ignoreversion
Source: "{#Root}\installers\windows\medgan-viewer.cmd"; DestDir: "{app}\bin"; Flags: ignoreversion

[InstallDelete]
; What an older version had and this one has not must not be loaded.
Type: filesandordirs; Name: "{app}\_internal"

[Icons]
Name: "{group}\{#Name}"; Filename: "{app}\{#Program}.exe"
Name: "{autodesktop}\{#Name}"; Filename: "{app}\{#Program}.exe"; Tasks: desktopicon

[Registry]
Root: HKA; Subkey: "Software\Classes\{#Program}.dicom"; ValueType: string; ValueData: "DICOM image"; Flags: uninsdeletekey; Tasks: associate
Root: HKA; Subkey: "Software\Classes\{#Program}.dicom"; ValueType: string; ValueName: "ContentType"; ValueData: "{#MimeType}"; Tasks: associate
Root: HKA; Subkey: "Software\Classes\{#Program}.dicom\DefaultIcon"; ValueType: string; ValueData: "{app}\{#Program}.exe,0"; Tasks: associate
Root: HKA; Subkey: "Software\Classes\{#Program}.dicom\shell\open\command"; ValueType: string; ValueData: """{app}\{#Program}.exe"" view ""%1"""; Tasks: associate
Root: HKA; Subkey: "Software\Classes\.dcm\OpenWithProgids"; ValueType: string; ValueName: "{#Program}.dicom"; ValueData: ""; Flags: uninsdeletevalue; Tasks: associate
Root: HKA; Subkey: "Software\Classes\.dicom\OpenWithProgids"; ValueType: string; ValueName: "{#Program}.dicom"; ValueData: ""; Flags: uninsdeletevalue; Tasks: associate

[Run]
Filename: "{app}\{#Program}.exe"; Description: "{cm:LaunchProgram,{#Name}}"; Flags: nowait postinstall skipifsilent

[UninstallDelete]
; Settings, own models and results are the user's and stay.
Type: filesandordirs; Name: "{app}"

[Code]
const
  Key = 'Environment';

function Folders(var Value: String): Boolean;
begin
  Result := RegQueryStringValue(HKEY_CURRENT_USER, Key, 'Path', Value);
  if not Result then
    Value := '';
end;

procedure CurStepChanged(CurStep: TSetupStep);
var
  Value: String;
begin
  if (CurStep = ssPostInstall) and WizardIsTaskSelected('path') then begin
    Folders(Value);
    if Pos(';' + Uppercase(ExpandConstant('{app}\bin')) + ';', ';' + Uppercase(Value) + ';') = 0 then begin
      if (Value <> '') and (Value[Length(Value)] <> ';') then
        Value := Value + ';';
      RegWriteExpandStringValue(HKEY_CURRENT_USER, Key, 'Path', Value + ExpandConstant('{app}\bin'));
    end;
  end;
end;

procedure CurUninstallStepChanged(CurUninstallStep: TUninstallStep);
var
  Value, Ours: String;
  Place: Integer;
begin
  if (CurUninstallStep = usPostUninstall) and Folders(Value) then begin
    Ours := ExpandConstant('{app}\bin');
    Place := Pos(';' + Uppercase(Ours) + ';', ';' + Uppercase(Value) + ';');
    if Place > 0 then begin
      Value := ';' + Value + ';';
      Delete(Value, Place, Length(Ours) + 1);
      Value := Copy(Value, 2, Length(Value) - 2);
      RegWriteExpandStringValue(HKEY_CURRENT_USER, Key, 'Path', Value);
    end;
  end;
end;
