; The setup of the Windows program. Called by build_under_wine.sh and build.ps1:
;   makensis -INPUTCHARSET UTF8 -DSOURCE=folder -DSETUP=file.exe -DVERSION=0.1.0
;            -DICON=app.ico -DPICTURES=folder installer.nsi      (pictures: setup_pictures.py)
; and with -DLZMA for the small setup of a release, -DEDITION=light for the light edition.
;
; For one's own account by default: no administrator, no questions. For all accounts of the PC when
; chosen on the first page (Windows then asks for an administrator) or with /AllUsers.
;
; Silent:  setup.exe /S [/AllUsers] [/DESKTOP=0] [/AUTOSTART=1] [/LANG=1041|1033] [/D=C:\folder]
;          uninstall.exe /S [/DELETEDATA=1]
; Exit codes: 0 done, 1 called off, 2 could not be done (the reason stands in the window, or, when
; silent, in %TEMP%\deeprx-setup.txt).
Unicode true
Target amd64-unicode

!include "MUI2.nsh"
!include "nsDialogs.nsh"
!include "FileFunc.nsh"
!include "LogicLib.nsh"
!include "Sections.nsh"
!include "WinVer.nsh"
!include "x64.nsh"

!define NAME "Deep RX Inspector"
!define PROGRAM "DeepRX Inspector.exe"
!define CONSOLE "deeprx.exe"
!define DATA_FOLDER "DeepRXInspector" ; deeprx_gui/paths.py: FOLDER_NAME
!define MARKER "installed-for-all-users" ; deeprx_gui/paths.py: SHARED_MARKER
!define LIST "shipped.json" ; deeprx_gui/installation_check.py: LIST_NAME
!define KEY "Software\DeepRXInspector"
!define UNINSTALL_KEY "Software\Microsoft\Windows\CurrentVersion\Uninstall\DeepRXInspector"
!define FILE_TYPE "DeepRXInspector.Profile"
!define USERS "*S-1-5-32-545" ; the group "Users" in every language

Name "${NAME}"
OutFile "${SETUP}"
RequestExecutionLevel user
InstallDir "$LOCALAPPDATA\Programs\${NAME}"
!ifdef EDITION
  !define SHOWN_VERSION "${VERSION} ${EDITION}"
!else
  !define SHOWN_VERSION "${VERSION}"
!endif
BrandingText "${NAME} ${SHOWN_VERSION}"
ManifestDPIAware true
ManifestLongPathAware true
ManifestSupportedOS Win10
!ifdef LZMA
  SetCompressor /SOLID lzma
  SetCompressorDictSize 64
!else
  SetCompressor zlib
!endif
VIProductVersion "${VERSION}.0"
VIAddVersionKey /LANG=1033 "ProductName" "${NAME}"
VIAddVersionKey /LANG=1033 "ProductVersion" "${VERSION}"
VIAddVersionKey /LANG=1033 "FileVersion" "${VERSION}"
VIAddVersionKey /LANG=1033 "FileDescription" "${NAME} setup"
VIAddVersionKey /LANG=1033 "CompanyName" "Deep RX Inspector project"
VIAddVersionKey /LANG=1033 "LegalCopyright" "Deep RX Inspector project"

Var AllUsers ; 1: for all accounts
Var OwnRadio
Var AllRadio

!define MUI_ICON "${ICON}"
!define MUI_UNICON "${ICON}"
!define MUI_WELCOMEFINISHPAGE_BITMAP "${PICTURES}\side.bmp"
!define MUI_WELCOMEFINISHPAGE_BITMAP_STRETCH AspectFitHeight
!define MUI_HEADERIMAGE
!define MUI_HEADERIMAGE_RIGHT
!define MUI_HEADERIMAGE_BITMAP "${PICTURES}\header.bmp"
!define MUI_HEADERIMAGE_BITMAP_STRETCH AspectFitHeight
!define MUI_ABORTWARNING
!define MUI_LANGDLL_ALWAYSSHOW
!define MUI_LANGDLL_REGISTRY_ROOT HKCU
!define MUI_LANGDLL_REGISTRY_KEY "${KEY}"
!define MUI_LANGDLL_REGISTRY_VALUENAME "SetupLanguage"
!define MUI_WELCOMEPAGE_TEXT "$(welcome)"
!insertmacro MUI_PAGE_WELCOME
Page custom ForWhomPage ForWhomLeave
!insertmacro MUI_PAGE_DIRECTORY
!define MUI_COMPONENTSPAGE_NODESC
!insertmacro MUI_PAGE_COMPONENTS
!insertmacro MUI_PAGE_INSTFILES
!define MUI_FINISHPAGE_RUN
!define MUI_FINISHPAGE_RUN_FUNCTION StartProgram
!insertmacro MUI_PAGE_FINISH
!insertmacro MUI_UNPAGE_CONFIRM
!insertmacro MUI_UNPAGE_INSTFILES
!insertmacro MUI_LANGUAGE "English"
!insertmacro MUI_LANGUAGE "Japanese"
!insertmacro MUI_RESERVEFILE_LANGDLL
!include "installer_texts.nsh"

!macro Fail text
  Push "${text}"
  Call Fail
!macroend

; Says why in the window, or in a file when silent, and ends with exit code 2.
!macro FailFunction un
Function ${un}Fail
  Pop $0
  SetErrorLevel 2
  ${If} ${Silent}
    FileOpen $1 "$TEMP\deeprx-setup.txt" w
    FileWriteUTF16LE /BOM $1 "$0$\r$\n"
    FileClose $1
  ${Else}
    MessageBox MB_OK|MB_ICONSTOP "$0"
  ${EndIf}
  Quit
FunctionEnd
!macroend
!insertmacro FailFunction ""
!insertmacro FailFunction "un."

; A running program keeps its files: wait for the person, give up when there is none.
!macro ClosedFunction un
Function ${un}WaitUntilClosed
  again:
  StrCpy $1 ""
  ${If} ${FileExists} "$INSTDIR\${PROGRAM}"
    ClearErrors
    FileOpen $0 "$INSTDIR\${PROGRAM}" a
    ${If} ${Errors}
      StrCpy $1 1
    ${Else}
      FileClose $0
    ${EndIf}
  ${EndIf}
  ${If} ${FileExists} "$INSTDIR\${CONSOLE}"
    ClearErrors
    FileOpen $0 "$INSTDIR\${CONSOLE}" a
    ${If} ${Errors}
      StrCpy $1 1
    ${Else}
      FileClose $0
    ${EndIf}
  ${EndIf}
  ${If} $1 == 1
    ${IfNot} ${Silent}
      MessageBox MB_RETRYCANCEL|MB_ICONEXCLAMATION "$(is_running)" IDRETRY again
    ${EndIf}
    Push "$(is_running)"
    Call ${un}Fail
  ${EndIf}
FunctionEnd
!macroend
!insertmacro ClosedFunction ""
!insertmacro ClosedFunction "un."

; By the Explorer: after a setup for all accounts the program would else run as the administrator.
Function StartProgram
  Exec '"$WINDIR\explorer.exe" "$INSTDIR\${PROGRAM}"'
FunctionEnd

Function ForWhomPage
  ${If} $AllUsers == 1 ; was asked for when this setup was called
    Abort
  ${EndIf}
  !insertmacro MUI_HEADER_TEXT "$(for_whom)" "$(for_whom_hint)"
  nsDialogs::Create 1018
  Pop $0
  ${NSD_CreateRadioButton} 0 10u 100% 12u "$(for_me)"
  Pop $OwnRadio
  ${NSD_CreateLabel} 12u 24u 95% 20u "$(for_me_hint)"
  Pop $0
  ${NSD_CreateRadioButton} 0 54u 100% 12u "$(for_all)"
  Pop $AllRadio
  ${NSD_CreateLabel} 12u 68u 95% 30u "$(for_all_hint)"
  Pop $0
  ${NSD_Check} $OwnRadio
  nsDialogs::Show
FunctionEnd

; For all accounts: the same setup once more, as an administrator; this one steps back.
Function ForWhomLeave
  ${NSD_GetState} $AllRadio $0
  ${If} $0 == ${BST_CHECKED}
    UserInfo::GetAccountType
    Pop $1
    ${If} $1 == "Admin"
      StrCpy $AllUsers 1
      Call Place
    ${Else}
      ClearErrors
      ExecShell "runas" "$EXEPATH" "/AllUsers /LANG=$LANGUAGE"
      ${If} ${Errors}
        MessageBox MB_OK|MB_ICONEXCLAMATION "$(needs_administrator)"
        Abort
      ${EndIf}
      Quit
    ${EndIf}
  ${EndIf}
FunctionEnd

; Nothing of somebody else's is deleted: a folder is empty, new, or an installation of ours.
Function CheckFolder
  ${If} ${FileExists} "$INSTDIR\*.*"
  ${AndIfNot} ${FileExists} "$INSTDIR\${LIST}"
  ${AndIfNot} ${FileExists} "$INSTDIR\${PROGRAM}"
    ${DirState} "$INSTDIR" $0
    ${If} $0 == 1
      !insertmacro Fail "$(folder_taken)"
    ${EndIf}
  ${EndIf}
FunctionEnd

Section "${NAME}" sec_program
  SectionIn RO
  Call CheckFolder
  Call WaitUntilClosed
  ; In place: the old program goes, the data lies elsewhere.
  RMDir /r "$INSTDIR\_internal"
  Delete "$INSTDIR\${PROGRAM}"
  Delete "$INSTDIR\${CONSOLE}"
  Delete "$INSTDIR\${LIST}"
  ClearErrors
  SetOutPath "$INSTDIR"
  File /r "${SOURCE}\*.*"
  ${If} ${Errors}
    !insertmacro Fail "$(not_copied)"
  ${EndIf}
  WriteUninstaller "$INSTDIR\uninstall.exe"
  CreateDirectory "$SMPROGRAMS"
  CreateShortcut "$SMPROGRAMS\${NAME}.lnk" "$INSTDIR\${PROGRAM}"
  ${If} $AllUsers == 1
    FileOpen $0 "$INSTDIR\${MARKER}" w
    FileClose $0
    ; $APPDATA is %PROGRAMDATA% here. Every account may change what another one has made.
    CreateDirectory "$APPDATA\${DATA_FOLDER}"
    nsExec::ExecToLog '"$SYSDIR\icacls.exe" "$APPDATA\${DATA_FOLDER}" /grant "${USERS}:(OI)(CI)M" /T /C /Q'
    Pop $0
    ${If} $0 != 0
      DetailPrint "$(no_rights)"
    ${EndIf}
  ${Else}
    Delete "$INSTDIR\${MARKER}"
  ${EndIf}
SectionEnd

Section "$(desktop_entry)" sec_desktop
  CreateShortcut "$DESKTOP\${NAME}.lnk" "$INSTDIR\${PROGRAM}"
SectionEnd

Section /o "$(autostart_entry)" sec_autostart
  CreateDirectory "$SMSTARTUP"
  CreateShortcut "$SMSTARTUP\${NAME}.lnk" "$INSTDIR\${PROGRAM}"
SectionEnd

; What is not chosen (any more) goes; what Windows has to know of us.
Section "-register"
  ${IfNot} ${SectionIsSelected} ${sec_desktop}
    Delete "$DESKTOP\${NAME}.lnk"
  ${EndIf}
  ${IfNot} ${SectionIsSelected} ${sec_autostart}
    Delete "$SMSTARTUP\${NAME}.lnk"
  ${EndIf}
  WriteRegStr SHCTX "${KEY}" "InstallDir" "$INSTDIR"
  WriteRegStr SHCTX "${KEY}" "Version" "${VERSION}"
  WriteRegStr SHCTX "Software\Classes\.deeprx" "" "${FILE_TYPE}"
  WriteRegStr SHCTX "Software\Classes\${FILE_TYPE}" "" "$(file_type)"
  WriteRegStr SHCTX "Software\Classes\${FILE_TYPE}\DefaultIcon" "" "$INSTDIR\${PROGRAM},0"
  WriteRegStr SHCTX "Software\Classes\${FILE_TYPE}\shell\open\command" "" \
    '"$INSTDIR\${PROGRAM}" "%1"'
  System::Call 'shell32::SHChangeNotify(i 0x08000000, i 0, p 0, p 0)'
  WriteRegStr SHCTX "${UNINSTALL_KEY}" "DisplayName" "${NAME}"
  WriteRegStr SHCTX "${UNINSTALL_KEY}" "DisplayVersion" "${SHOWN_VERSION}"
  WriteRegStr SHCTX "${UNINSTALL_KEY}" "DisplayIcon" "$INSTDIR\${PROGRAM},0"
  WriteRegStr SHCTX "${UNINSTALL_KEY}" "Publisher" "Deep RX Inspector project"
  WriteRegStr SHCTX "${UNINSTALL_KEY}" "InstallLocation" "$INSTDIR"
  WriteRegStr SHCTX "${UNINSTALL_KEY}" "UninstallString" '"$INSTDIR\uninstall.exe"'
  WriteRegStr SHCTX "${UNINSTALL_KEY}" "QuietUninstallString" '"$INSTDIR\uninstall.exe" /S'
  WriteRegDWORD SHCTX "${UNINSTALL_KEY}" "NoModify" 1
  WriteRegDWORD SHCTX "${UNINSTALL_KEY}" "NoRepair" 1
  ${GetSize} "$INSTDIR" "/S=0K" $0 $1 $2
  IntFmt $0 "0x%08X" $0
  WriteRegDWORD SHCTX "${UNINSTALL_KEY}" "EstimatedSize" "$0"
SectionEnd

Function .onInit
  ${IfNot} ${RunningX64}
  ${OrIfNot} ${AtLeastWin10}
    !insertmacro Fail "$(needs_windows)"
  ${EndIf}
  SetRegView 64
  ${GetParameters} $0
  ClearErrors
  ${GetOptions} $0 "/AllUsers" $1
  ${IfNot} ${Errors}
    StrCpy $AllUsers 1
    UserInfo::GetAccountType
    Pop $1
    ${If} $1 != "Admin"
      !insertmacro Fail "$(needs_administrator)"
    ${EndIf}
  ${Else}
    StrCpy $AllUsers 0
  ${EndIf}
  Call Place
  Call ChooseAsBefore
  ${GetParameters} $0
  ClearErrors
  ${GetOptions} $0 "/DESKTOP=" $1
  ${IfNot} ${Errors}
    Push $1
    Push ${sec_desktop}
    Call Choose
  ${EndIf}
  ClearErrors
  ${GetOptions} $0 "/AUTOSTART=" $1
  ${IfNot} ${Errors}
    Push $1
    Push ${sec_autostart}
    Call Choose
  ${EndIf}
  ClearErrors
  ${GetOptions} $0 "/LANG=" $1
  ${IfNot} ${Errors}
    StrCpy $LANGUAGE $1
  ${ElseIfNot} ${Silent}
    !insertmacro MUI_LANGDLL_DISPLAY
  ${EndIf}
FunctionEnd

; An update keeps what was chosen: the entries that are there.
Function ChooseAsBefore
  ${If} ${FileExists} "$INSTDIR\${LIST}"
    ${IfNot} ${FileExists} "$DESKTOP\${NAME}.lnk"
      !insertmacro UnselectSection ${sec_desktop}
    ${EndIf}
    ${If} ${FileExists} "$SMSTARTUP\${NAME}.lnk"
      !insertmacro SelectSection ${sec_autostart}
    ${EndIf}
  ${EndIf}
FunctionEnd

; A section and "0" or "1" from the stack.
Function Choose
  Pop $2
  Pop $1
  ${If} $1 == 0
    !insertmacro UnselectSection $2
  ${Else}
    !insertmacro SelectSection $2
  ${EndIf}
FunctionEnd

; Where to: what /D= said, where it is installed already, or the usual place.
Function Place
  ${If} $AllUsers == 1
    SetShellVarContext all
    ReadRegStr $1 HKLM "${KEY}" "InstallDir"
    StrCpy $2 "$PROGRAMFILES64\${NAME}"
  ${Else}
    SetShellVarContext current
    ReadRegStr $1 HKCU "${KEY}" "InstallDir"
    StrCpy $2 "$LOCALAPPDATA\Programs\${NAME}"
  ${EndIf}
  ${GetParameters} $0
  ; NSIS has taken /D= away from the parameters; then $INSTDIR is not what InstallDir says.
  SetShellVarContext current
  ${If} $INSTDIR == "$LOCALAPPDATA\Programs\${NAME}"
  ${OrIf} $INSTDIR == "$PROGRAMFILES64\${NAME}"
    StrCpy $INSTDIR $2
    ${If} $1 != ""
      StrCpy $INSTDIR $1
    ${EndIf}
  ${EndIf}
  ${If} $AllUsers == 1
    SetShellVarContext all
  ${EndIf}
FunctionEnd

Function un.onInit
  SetRegView 64
  StrCpy $AllUsers 0
  ${If} ${FileExists} "$INSTDIR\${MARKER}"
    StrCpy $AllUsers 1
    SetShellVarContext all
    UserInfo::GetAccountType
    Pop $1
    ${If} $1 != "Admin"
      ; Windows asks for an administrator and calls this once more.
      ${IfNot} ${Silent}
        ClearErrors
        ExecShell "runas" "$INSTDIR\uninstall.exe"
        ${IfNot} ${Errors}
          Quit
        ${EndIf}
      ${EndIf}
      Push "$(needs_administrator)"
      Call un.Fail
    ${EndIf}
  ${EndIf}
  !insertmacro MUI_UNGETLANGUAGE
FunctionEnd

Section "Uninstall"
  Call un.WaitUntilClosed
  RMDir /r "$INSTDIR\_internal"
  Delete "$INSTDIR\${PROGRAM}"
  Delete "$INSTDIR\${CONSOLE}"
  Delete "$INSTDIR\${LIST}"
  Delete "$INSTDIR\LICENCES.html"
  Delete "$INSTDIR\${MARKER}"
  Delete "$INSTDIR\uninstall.exe"
  SetOutPath "$TEMP" ; a folder in use cannot be removed
  RMDir "$INSTDIR"
  Delete "$SMPROGRAMS\${NAME}.lnk"
  Delete "$DESKTOP\${NAME}.lnk"
  Delete "$SMSTARTUP\${NAME}.lnk"
  ReadRegStr $0 SHCTX "Software\Classes\.deeprx" ""
  ${If} $0 == "${FILE_TYPE}"
    DeleteRegKey SHCTX "Software\Classes\.deeprx"
  ${EndIf}
  DeleteRegKey SHCTX "Software\Classes\${FILE_TYPE}"
  System::Call 'shell32::SHChangeNotify(i 0x08000000, i 0, p 0, p 0)'
  DeleteRegKey SHCTX "${UNINSTALL_KEY}"
  DeleteRegKey SHCTX "${KEY}"
  ; Profiles and results stay, unless somebody says otherwise: "no" is the button in front.
  ${If} $AllUsers == 1
    StrCpy $1 "$APPDATA\${DATA_FOLDER}"
  ${Else}
    StrCpy $1 "$LOCALAPPDATA\${DATA_FOLDER}"
  ${EndIf}
  StrCpy $2 0
  ${GetParameters} $0
  ClearErrors
  ${GetOptions} $0 "/DELETEDATA=" $2
  ${If} ${FileExists} "$1\*.*"
    ${IfNot} ${Silent}
      MessageBox MB_YESNO|MB_ICONQUESTION|MB_DEFBUTTON2 "$(delete_data)" IDNO kept
      StrCpy $2 1
    ${EndIf}
    ${If} $2 == 1
      RMDir /r "$1"
    ${EndIf}
  ${EndIf}
  kept:
SectionEnd
