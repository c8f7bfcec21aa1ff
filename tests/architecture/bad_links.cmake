# SPDX-License-Identifier: GPL-3.0-or-later
# Configures a tree whose libraries link what they must not, and looks for each in the refusal.
cmake_minimum_required(VERSION 3.24)
file(REMOVE_RECURSE "${BINARY}")
execute_process(COMMAND "${CMAKE_COMMAND}" -S "${SOURCE}" -B "${BINARY}" "-DMODULES=${MODULES}"
  RESULT_VARIABLE result OUTPUT_QUIET ERROR_VARIABLE output)
if(result EQUAL 0)
  message(FATAL_ERROR "a tree with forbidden links was accepted")
endif()
string(REGEX REPLACE "[ \n]+" " " output "${output}")
foreach(planted
    "'core_registry' (core/registry) links 'core_sql_sqlite'"
    "'core_registry' (core/registry) links 'PkgConfig::SQLITE', which belongs to core/sql/sqlite alone"
    "'core_pypi' (core/pypi) links 'Qt6::Gui', but Qt is not for it"
    "'core_registry' reaches Qt through what it links"
    "'ui_theme' (ui/theme) links 'core_pypi'"
    "'core_extra' lies in core/extra, which has no line")
  string(FIND "${output}" "${planted}" at)
  if(at EQUAL -1)
    message(FATAL_ERROR "planted, but not found: ${planted}\n${output}")
  endif()
endforeach()
foreach(sound "layering: 'core_sql_sqlite'" "layering: 'core_base'")
  string(FIND "${output}" "${sound}" at)
  if(NOT at EQUAL -1)
    message(FATAL_ERROR "reported, but sound: ${sound}\n${output}")
  endif()
endforeach()
