# SPDX-License-Identifier: GPL-3.0-or-later
# Words that may not appear, files that are too long, files without a licence line. A rule is: files
# that it reads, files that are excepted, what is forbidden (all regular expressions), advice.
cmake_minimum_required(VERSION 3.24)
include("${CMAKE_CURRENT_LIST_DIR}/common.cmake")

set(rules 0)
function(forbid)
  math(EXPR number "${rules} + 1")
  cmake_parse_arguments(PARSE_ARGV 0 rule "" "IN;EXCEPT;WORD;BECAUSE" "")
  foreach(part IN ITEMS IN EXCEPT WORD BECAUSE)
    set(rule_${number}_${part} "${rule_${part}}" PARENT_SCOPE)
  endforeach()
  set(rules ${number} PARENT_SCOPE)
endfunction()

set(code "^(core|ui|app)/.*\\.(h|cpp)$")
set(desktop "^(ui|app/desktop)/.*\\.(h|cpp)$")
forbid(IN "${desktop}" WORD "QEventLoop" BECAUSE "no nested event loops")
forbid(IN "^ui/.*\\.(h|cpp)$" WORD "(\\.|->)exec\\(" BECAUSE "no nested event loops: open(), popup() or show()")
forbid(IN "${desktop}" WORD "processEvents\\(" BECAUSE "no nested event loops")
forbid(IN "${desktop}" WORD "(\\.|->)then\\(([^)]|$)" BECAUSE "a dead context aborts on Qt 6.4: use whenDone(owner, future, handler)")
forbid(IN "${desktop}" WORD "waitForFinished\\(|\\.waitForReadyRead\\(" EXCEPT "^app/desktop/"
  BECAUSE "blocks the window: use whenDone(owner, future, handler)")
forbid(IN "${desktop}" EXCEPT "^ui/shell/notifier" WORD "QMessageBox" BECAUSE "words for people go through the notifier")
forbid(IN "${desktop}" EXCEPT "^ui/client/" WORD "QNetworkAccessManager" BECAUSE "the network is ui/client's")
forbid(IN "${code}" WORD "static[^=;(]*[*&] *(instance|self|shared)\\(" BECAUSE "no singletons: constructor arguments")
forbid(IN "${code}" WORD "(sleep_for|sleep_until|[^a-zA-Z_](u|nano|m)?sleep)\\([^/]*$"
  BECAUSE "no sleeps as synchronisation; a sampler says what it is in a comment on the same line")
forbid(IN "${code}" WORD "catch \\(\\.\\.\\.\\)[^/]*$"
  BECAUSE "only at the edge of a thread or job, with the reason in a comment on the same line")
forbid(IN "${code}" WORD "using namespace (std|Qt);" BECAUSE "name what is used")
set(text "\\.(h|cpp|cmake|txt|md|sh|py|sql|toml|qrc|ts|svg|desktop|xml|json)$|^Makefile$|^\\.ci/run$")
# Written so that the pattern does not match itself.
forbid(IN "${text}" WORD "(^|[^A-Za-z])(TOD[O]|FIXM[E]|XX[X]|HAC[K])([^A-Za-z]|$)" BECAUSE "finish it or file it")
forbid(IN "${text}" WORD "/wor[k]/|/tm[p]/b[-]|/tm[p]/brief|/roo[t]/|/hom[e]/[a-z]+/" EXCEPT "^tests/data/" BECAUSE "a path of one machine")
forbid(IN "${text}" WORD "[^a-z]shared/(design|referenc[e]|hooks)/" BECAUSE "lies outside the clone")
forbid(IN "${text}" WORD "Anthropi[c]|Claud[e]|Copilo[t]|ChatGP[T]" EXCEPT "^tests/data/" BECAUSE "says how it was made, not what it is")

files_of(files FOLDERS core ui app tests installer resources translations .ci
  PATTERNS "*.h" "*.cpp" "*.cmake" "*.txt" "*.md" "*.sh" "*.py" "*.sql" "*.toml" "*.qrc" "*.ts" "*.svg" "*.desktop" "*.xml" "*.json" "run")
file(GLOB top RELATIVE "${ROOT}" "${ROOT}/*.md" "${ROOT}/*.txt" "${ROOT}/Makefile" "${ROOT}/CMakePresets.json" "${ROOT}/.clang*")
list(APPEND files ${top})

foreach(file IN LISTS files)
  foreach(rule RANGE 1 ${rules})
    if(file MATCHES "${rule_${rule}_IN}" AND NOT (rule_${rule}_EXCEPT AND file MATCHES "${rule_${rule}_EXCEPT}"))
      file(STRINGS "${ROOT}/${file}" hits REGEX "${rule_${rule}_WORD}")
      foreach(hit IN LISTS hits)
        string(STRIP "${hit}" hit)
        # A comment may name what the code must not use.
        if(file MATCHES "${code}" AND hit MATCHES "^//" AND rule_${rule}_IN MATCHES "h.cpp")
          continue()
        endif()
        complain("${file}:1: ${rule_${rule}_BECAUSE}: ${hit}")
      endforeach()
    endif()
  endforeach()

  if(file MATCHES "\\.(h|cpp|cmake|sh|py|sql)$|CMakeLists\\.txt$" AND NOT file MATCHES "^tests/data/")
    # Empty lines count as well, so the line ends are counted, not the strings.
    file(READ "${ROOT}/${file}" content HEX)
    string(REGEX MATCHALL "0a" ends "${content}")
    list(LENGTH ends lines)
    if(lines GREATER 500)
      complain("${file}:${lines}: longer than 500 lines: split it by what it does")
    endif()
  endif()

  # JSON knows no comments; recorded data is taken as it comes.
  if(NOT file MATCHES "\\.json$|^(tests/data|resources/sample)/|(^|/)expected_[a-z]+\\.txt$")
    file(STRINGS "${ROOT}/${file}" head LIMIT_COUNT 4)
    if(NOT head MATCHES "SPDX-License-Identifier: GPL-3\\.0-or-later")
      complain("${file}:1: the licence line is missing: SPDX-License-Identifier: GPL-3.0-or-later")
    endif()
  endif()
endforeach()
finish("see CONTRIBUTING.md for the habits of this code")
