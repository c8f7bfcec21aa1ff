# SPDX-License-Identifier: GPL-3.0-or-later
# KSyntaxHighlighting for Qt 6: the distribution's KF6 package, or what installer/setup built into
# CHEESEMONGER_DEPS_PREFIX. Defines cm_syntax.
find_package(KF6SyntaxHighlighting QUIET)
if(KF6SyntaxHighlighting_FOUND)
  set(_ksh KF6::SyntaxHighlighting)
  set(KSyntaxHighlightingAny_VERSION ${KF6SyntaxHighlighting_VERSION})
elseif(CHEESEMONGER_DEPS_PREFIX)
  # The system's KF5SyntaxHighlighting is a Qt 5 build, so only the private prefix is asked.
  find_package(KF5SyntaxHighlighting QUIET NO_DEFAULT_PATH PATHS "${CHEESEMONGER_DEPS_PREFIX}")
  if(KF5SyntaxHighlighting_FOUND)
    set(_ksh KF5::SyntaxHighlighting)
    set(KSyntaxHighlightingAny_VERSION ${KF5SyntaxHighlighting_VERSION})
  endif()
endif()
include(FindPackageHandleStandardArgs)
find_package_handle_standard_args(KSyntaxHighlightingAny REQUIRED_VARS _ksh
  VERSION_VAR KSyntaxHighlightingAny_VERSION
  REASON_FAILURE_MESSAGE "run 'make setup', or configure with -DWITH_KSYNTAXHIGHLIGHTING=OFF for a plain viewer")
if(KSyntaxHighlightingAny_FOUND AND NOT TARGET cm_syntax)
  add_library(cm_syntax INTERFACE)
  target_link_libraries(cm_syntax INTERFACE ${_ksh})
endif()
