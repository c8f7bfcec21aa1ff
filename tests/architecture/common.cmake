# SPDX-License-Identifier: GPL-3.0-or-later
# What the checkers share. Each is run as cmake -DROOT=<tree> -P <checker>.
if(NOT IS_DIRECTORY "${ROOT}")
  message(FATAL_ERROR "ROOT names no folder: '${ROOT}'")
endif()
get_filename_component(ROOT "${ROOT}" ABSOLUTE)

# The files under the named folders of ROOT, relative to it. Names after PATTERNS are globs.
function(files_of out)
  cmake_parse_arguments(arg "" "" "FOLDERS;PATTERNS" ${ARGN})
  set(all "")
  foreach(folder IN LISTS arg_FOLDERS)
    foreach(pattern IN LISTS arg_PATTERNS)
      file(GLOB_RECURSE found RELATIVE "${ROOT}" "${ROOT}/${folder}/${pattern}")
      list(APPEND all ${found})
    endforeach()
  endforeach()
  # Files that are wrong on purpose, to keep the checkers honest.
  list(FILTER all EXCLUDE REGEX "^tests/architecture/bad_")
  list(FILTER all EXCLUDE REGEX "(^|/)(__pycache__|\\.git)/")
  list(REMOVE_DUPLICATES all)
  list(SORT all)
  set(${out} "${all}" PARENT_SCOPE)
endfunction()

# Functions, not macros: a macro would read the backslashes of a quoted line of code again.
function(complain text)
  set_property(GLOBAL APPEND PROPERTY complaints x)
  message(NOTICE "${text}")
endfunction()

function(finish what)
  get_property(complaints GLOBAL PROPERTY complaints)
  list(LENGTH complaints count)
  if(count GREATER 0)
    message(FATAL_ERROR "${count} problem(s): ${what}")
  endif()
endfunction()
