; What the setup says beyond NSIS's own texts, in both languages.
!macro Say name english japanese
  LangString ${name} ${LANG_ENGLISH} "${english}"
  LangString ${name} ${LANG_JAPANESE} "${japanese}"
!macroend

!insertmacro Say welcome \
  "This puts ${NAME} ${VERSION} onto this PC. Neither a network nor an administrator is needed.$\r$\n$\r$\nAn older version is replaced. Profiles, results and settings are kept.$\r$\n$\r$\nClick Next to go on." \
  "${NAME} ${VERSION} をこのPCにインストールします。ネットワークも管理者権限も必要ありません。$\r$\n$\r$\n以前のバージョンは置き換えられます。品種プロファイル、検査結果、設定はそのまま残ります。$\r$\n$\r$\n「次へ」をクリックしてください。"
!insertmacro Say for_whom "For whom?" "使う人の選択"
!insertmacro Say for_whom_hint "Who will use ${NAME} on this PC?" "このPCで ${NAME} を使う人を選んでください。"
!insertmacro Say for_me "Only for me (recommended)" "自分だけ(推奨)"
!insertmacro Say for_me_hint \
  "No administrator is needed.$\r$\nProfiles and results belong to your Windows account." \
  "管理者権限は必要ありません。$\r$\n品種プロファイルと検査結果は、自分のアカウントに保存されます。"
!insertmacro Say for_all "For all accounts of this PC" "このPCのすべてのアカウント"
!insertmacro Say for_all_hint \
  "Windows asks for an administrator. All accounts share one folder of profiles and results, for example on a station where the shifts log in separately." \
  "管理者権限が必要です。すべてのアカウントが、同じ品種プロファイルと検査結果を共有します。$\r$\n交替勤務で別々にサインインする検査PCなどに使います。"
!insertmacro Say desktop_entry "Shortcut on the desktop" "デスクトップにショートカットを作る"
!insertmacro Say autostart_entry "Start together with Windows" "Windowsと同時に起動する"
!insertmacro Say file_type "Deep RX Inspector profile" "Deep RX Inspector 品種プロファイル"
!insertmacro Say needs_windows \
  "${NAME} needs Windows 10 or 11 in its 64-bit edition. This PC has another one; nothing was installed." \
  "${NAME} には64ビット版のWindows 10または11が必要です。このPCは対象外のため、インストールしませんでした。"
!insertmacro Say needs_administrator \
  "For all accounts an administrator is needed. Ask one to run this setup, or choose “Only for me”." \
  "すべてのアカウント用にインストールするには、管理者権限が必要です。管理者に実行を依頼するか、「自分だけ」を選んでください。"
!insertmacro Say folder_taken \
  "The folder $INSTDIR holds other files. Choose an empty or a new folder; nothing was changed." \
  "フォルダー $INSTDIR には別のファイルがあります。空のフォルダーか新しいフォルダーを選んでください。何も変更していません。"
!insertmacro Say is_running \
  "${NAME} is running. Close it, then try again." \
  "${NAME} が動作中です。終了してから、もう一度実行してください。"
!insertmacro Say not_copied \
  "Not all files could be copied to $INSTDIR. Check the free disk space and the rights of the folder, then run this setup again. Profiles and results are untouched." \
  "$INSTDIR にすべてのファイルをコピーできませんでした。ディスクの空き容量とフォルダーの権限を確認して、もう一度実行してください。品種プロファイルと検査結果に変更はありません。"
!insertmacro Say no_rights \
  "The rights of the shared data folder could not be set: other accounts may not be able to change profiles. See “For the IT department” in the guide." \
  "共有データフォルダーの権限を設定できませんでした。ほかのアカウントでは品種プロファイルを変更できないことがあります。取扱説明書の「情報システム担当の方へ」を見てください。"
!insertmacro Say delete_data \
  "Also delete the profiles, results and settings in$\r$\n$1 ?$\r$\n$\r$\nThey cannot be brought back. With “No” they stay and are there again after the next installation." \
  "$1$\r$\nにある品種プロファイル、検査結果、設定も削除しますか?$\r$\n$\r$\n削除すると元に戻せません。「いいえ」を選ぶと残り、次にインストールしたときにそのまま使えます。"
