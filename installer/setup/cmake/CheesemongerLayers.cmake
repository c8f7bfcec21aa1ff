# SPDX-License-Identifier: GPL-3.0-or-later
# Who may use whom: the one table, in words in ARCHITECTURE.md. The link graph is held to it when
# the tree is configured (CheesemongerLayering.cmake), the includes by a test
# (tests/architecture/includes.cmake). A folder that has no line here may not hold code.
# Used by scripts too, so nothing here may need a project.

# cheesemonger_layer(<folder>... MAY <folder>...): what the folders' code may include and link to,
# besides themselves. "@qt" stands for Qt and the libraries that need it; without it none is allowed.
macro(cheesemonger_layer)
  cmake_parse_arguments(layer "" "" "MAY" ${ARGN})
  foreach(layer_folder IN LISTS layer_UNPARSED_ARGUMENTS)
    set(CHEESEMONGER_LAYER_${layer_folder} "${layer_MAY}")
    list(APPEND CHEESEMONGER_LAYERS "${layer_folder}")
  endforeach()
endmacro()

set(CHEESEMONGER_LAYERS "")
cheesemonger_layer(core/base)
cheesemonger_layer(core/api core/pypi core/archive core/config core/http core/mail MAY core/base)
cheesemonger_layer(core/deprecation MAY core/base core/pypi)
cheesemonger_layer(core/http/client MAY core/base core/http)
cheesemonger_layer(core/sql MAY core/base)
cheesemonger_layer(core/sql/sqlite core/sql/postgres MAY core/base core/sql)
cheesemonger_layer(core/catalog MAY core/base core/pypi core/sql)
cheesemonger_layer(core/blobs MAY core/base core/pypi)
cheesemonger_layer(core/blobs/posix MAY core/base core/pypi core/blobs)
cheesemonger_layer(core/checks MAY core/base core/pypi core/archive)
cheesemonger_layer(core/registry MAY core/base core/pypi core/archive core/checks core/catalog core/blobs core/deprecation core/ssh/trust)
cheesemonger_layer(core/server MAY core/base core/api core/pypi core/host core/http core/registry core/edge core/admin
  core/deprecation core/metrics core/metrics/store core/ssh/trust)
cheesemonger_layer(core/admin MAY core/base core/api core/http)
cheesemonger_layer(core/host MAY core/base core/api)
cheesemonger_layer(core/edge MAY core/base core/api core/host core/http core/http/client)
cheesemonger_layer(core/agent MAY core/base core/api core/pypi core/admin core/archive core/blobs core/config core/host core/http core/http/client)
cheesemonger_layer(core/monitor/verdicts MAY core/base core/api)
cheesemonger_layer(core/monitor/probes MAY core/base core/api core/pypi core/host core/http core/http/client core/sql core/monitor/verdicts)
cheesemonger_layer(core/monitor/store MAY core/base core/api core/sql)
cheesemonger_layer(core/monitor/alerts MAY core/base core/api core/http core/http/client core/mail core/monitor/verdicts)
cheesemonger_layer(core/monitor/plans MAY core/base core/api core/pypi core/monitor/verdicts)
cheesemonger_layer(core/monitor MAY core/base core/api core/admin core/config core/http core/http/client core/sql
  core/monitor/verdicts core/monitor/plans core/monitor/probes core/monitor/store core/monitor/alerts)
cheesemonger_layer(core/mirror
  MAY core/base core/api core/pypi core/archive core/config core/host core/http core/http/client core/sql)
cheesemonger_layer(core/metrics MAY core/base core/api core/pypi)
cheesemonger_layer(core/metrics/intake MAY core/base core/api core/host core/http core/metrics)
cheesemonger_layer(core/metrics/clickhouse
  MAY core/base core/api core/http core/http/client core/sql core/metrics core/metrics/store)
cheesemonger_layer(core/metrics/store MAY core/base core/api core/sql core/metrics)
cheesemonger_layer(core/ssh/trust MAY core/base)
cheesemonger_layer(core/ssh MAY core/base core/host core/http core/http/client core/ssh/trust)
cheesemonger_layer(ui/format MAY core/base core/api @qt)
cheesemonger_layer(ui/theme ui/models MAY core/base core/api ui/format @qt)
cheesemonger_layer(ui/widgets MAY core/base core/api ui/format ui/theme ui/models @qt)
cheesemonger_layer(ui/client MAY core/base core/api core/checks @qt)
cheesemonger_layer(ui/shell MAY core/base core/api ui/client ui/models ui/widgets ui/format ui/theme @qt)
cheesemonger_layer(ui/pages/* MAY core/base core/api ui/shell ui/client ui/models ui/widgets ui/format ui/theme @qt)
cheesemonger_layer(app/daemon MAY core/*)
cheesemonger_layer(app/desktop MAY core/* ui/* @qt)

# Outside libraries that only these folders may link or include: regex of the imported target,
# regex of the header, folders.
set(CHEESEMONGER_ADAPTERS
  "^PkgConfig::SQLITE$|^SQLite" "^sqlite3\\.h$" "core/sql/sqlite"
  "^PkgConfig::PQ(XX)?$|pqxx" "^pqxx/|^libpq" "core/sql/postgres"
  "^PkgConfig::ARCHIVE$|^LibArchive" "^archive(_entry)?\\.h$" "core/archive"
  "^CURL::" "^curl/" "core/mail"
  "^EXPAT::" "^expat(_external|_config)?\\.h$" "core/mirror"
  "^CLI11" "^CLI/" "app/daemon"
  "tomlplusplus" "^toml\\+\\+/|^toml\\.hpp$" "core/config"
  "qt6keychain|Qt6Keychain" "^qt6keychain/" "ui/client"
  "^Qt6?::Charts$" "^QtCharts/|^Q[A-Za-z]*(Chart|ChartView|Axis|Series)$" "ui/widgets")
set(CHEESEMONGER_QT_TARGETS "^Qt[0-9]*::|^KF[56]|^cm_syntax$|[Kk]eychain")
set(CHEESEMONGER_QT_HEADERS "^Q[A-Z][A-Za-z0-9]*(/|$)|^q[a-z0-9]+\\.h$|^KSyntaxHighlighting/|[Kk]eychain")

# The line of the table that governs `folder`: the longest folder of the table that holds it.
function(cheesemonger_layer_of folder out)
  set(found "")
  set(at "${folder}")
  while(at)
    if(at IN_LIST CHEESEMONGER_LAYERS)
      set(found "${at}")
      break()
    endif()
    get_filename_component(parent "${at}" DIRECTORY)
    if(parent AND "${parent}/*" IN_LIST CHEESEMONGER_LAYERS)
      set(found "${parent}/*")
      break()
    endif()
    set(at "${parent}")
  endwhile()
  set(${out} "${found}" PARENT_SCOPE)
endfunction()

# Whether code of `folder` may use code of `other` (both relative to the root of the tree).
function(cheesemonger_may_use folder other out)
  set(answer FALSE)
  if(other STREQUAL folder)
    set(answer TRUE)
  else()
    cheesemonger_layer_of("${folder}" line)
    foreach(allowed IN LISTS CHEESEMONGER_LAYER_${line})
      if(allowed STREQUAL other)
        set(answer TRUE)
      elseif(allowed MATCHES "/\\*$")
        string(REPLACE "/*" "/" prefix "${allowed}")
        string(FIND "${other}" "${prefix}" at)
        if(at EQUAL 0)
          set(answer TRUE)
        endif()
      endif()
    endforeach()
  endif()
  set(${out} ${answer} PARENT_SCOPE)
endfunction()
