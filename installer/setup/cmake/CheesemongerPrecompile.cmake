# SPDX-License-Identifier: GPL-3.0-or-later
# Parses once what nearly every source includes, which takes half of the time of a build. For presets whose sources
# another one compiles without it: there a file that forgot an include is noticed. Each kind of target has a
# carrier, for a precompiled header is taken only under the flags and definitions that it was made with.
option(CHEESEMONGER_PRECOMPILE "Parse the commonest headers once" OFF)

set(precompiled_core <algorithm> <array> <atomic> <cerrno> <charconv> <chrono> <condition_variable> <cstdint> <cstring> <deque>
  <filesystem> <fstream> <functional> <map> <memory> <mutex> <optional> <set> <span> <sstream> <string> <string_view> <thread>
  <unordered_map> <utility> <variant> <vector> <fmt/format.h> <fmt/ranges.h> <boost/json.hpp> <boost/describe.hpp>)
set(precompiled_ui ${precompiled_core} <QAbstractItemModel> <QAction> <QApplication> <QComboBox> <QElapsedTimer> <QFile> <QHash>
  <QHeaderView> <QJsonObject> <QKeyEvent> <QLabel> <QLineEdit> <QList> <QMainWindow> <QPainter> <QPlainTextEdit> <QPointer> <QProcess>
  <QPushButton> <QScrollArea> <QSettings> <QString> <QTimer> <QUrl> <QVBoxLayout> <QWidget>)

# cheesemonger_carrier(<kind> FIXED|LOOSE LINKS <target>... HEADERS <header>... DEFINITIONS <name>...): LOOSE is for
# libraries, FIXED for programs, whose code is compiled for another place.
function(cheesemonger_carrier kind place)
  cmake_parse_arguments(arg "" "" "LINKS;HEADERS;DEFINITIONS" ${ARGN})
  set(source "${CMAKE_BINARY_DIR}/precompiled/${kind}.cpp")
  file(CONFIGURE OUTPUT "${source}" CONTENT "// Carries the precompiled header of its kind.\n" @ONLY)
  add_library(precompiled_${kind} OBJECT EXCLUDE_FROM_ALL "${source}")
  if(place STREQUAL "FIXED")
    set_target_properties(precompiled_${kind} PROPERTIES POSITION_INDEPENDENT_CODE OFF)
    target_compile_options(precompiled_${kind} PRIVATE -fPIE)
  endif()
  target_link_libraries(precompiled_${kind} PRIVATE cheesemonger_flags ${arg_LINKS})
  target_compile_definitions(precompiled_${kind} PRIVATE ${arg_DEFINITIONS})
  target_precompile_headers(precompiled_${kind} PRIVATE ${arg_HEADERS})
endfunction()

set(core_links spdlog::spdlog fmt::fmt cm_boost)
if(CHEESEMONGER_PRECOMPILE)
  cheesemonger_carrier(core LOOSE LINKS ${core_links} HEADERS ${precompiled_core})
  cheesemonger_carrier(daemon FIXED LINKS ${core_links} HEADERS ${precompiled_core})
  cheesemonger_carrier(unit_tests FIXED LINKS ${core_links} HEADERS ${precompiled_core} <doctest/doctest.h>
    DEFINITIONS DOCTEST_CONFIG_USE_STD_HEADERS)
  if(CHEESEMONGER_DESKTOP)
    # Without the definitions of Widgets and Network, which not all of the desktop has.
    foreach(kind ui desktop)
      set(place LOOSE)
      if(kind STREQUAL "desktop")
        set(place FIXED)
      endif()
      cheesemonger_carrier(${kind} ${place} LINKS ${core_links} Qt6::Core HEADERS ${precompiled_ui} DEFINITIONS ${cheesemonger_ui_definitions})
      foreach(module Gui Widgets Network)
        target_include_directories(precompiled_${kind} SYSTEM PRIVATE "$<TARGET_PROPERTY:Qt6::${module},INTERFACE_INCLUDE_DIRECTORIES>")
      endforeach()
    endforeach()
  endif()
endif()

# cheesemonger_precompile(<target> <kind>)
function(cheesemonger_precompile target kind)
  if(CHEESEMONGER_PRECOMPILE)
    target_precompile_headers(${target} REUSE_FROM precompiled_${kind})
  endif()
endfunction()
