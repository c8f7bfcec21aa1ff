# SPDX-License-Identifier: GPL-3.0-or-later
# The built core needs no Qt, by whatever way it might have come in.
cmake_minimum_required(VERSION 3.24)
include("${CMAKE_CURRENT_LIST_DIR}/common.cmake")
if(NOT EXISTS "${PROGRAM}")
  message(FATAL_ERROR "the core is not built: ${PROGRAM}")
endif()
file(GET_RUNTIME_DEPENDENCIES EXECUTABLES "${PROGRAM}" RESOLVED_DEPENDENCIES_VAR libraries
  UNRESOLVED_DEPENDENCIES_VAR unresolved CONFLICTING_DEPENDENCIES_PREFIX conflicting)
list(APPEND libraries ${unresolved} ${conflicting_FILENAMES})
if(NOT libraries MATCHES "libc\\.so")
  message(FATAL_ERROR "the libraries of ${PROGRAM} cannot be read: '${libraries}'")
endif()
list(FILTER libraries INCLUDE REGEX "libQt|libKF[56]|libxcb|libX11")
foreach(library IN LISTS libraries)
  complain("${PROGRAM}:1: needs ${library}")
endforeach()
finish("the core is headless")
