# SPDX-License-Identifier: GPL-3.0-or-later
# KSyntaxHighlighting for Qt 6: the distribution's KF6 package, or what
# installer/setup/ksyntaxhighlighting.sh built for this version of Qt, in CHEESEMONGER_DEPS_PREFIX
# when that is set, else in the user's cache folder. Defines cm_syntax.
find_package(KF6SyntaxHighlighting QUIET)
if(KF6SyntaxHighlighting_FOUND)
  set(_ksh KF6::SyntaxHighlighting)
  set(KSyntaxHighlightingAny_VERSION ${KF6SyntaxHighlighting_VERSION})
else()
  set(_ksh_prefixes "${CHEESEMONGER_DEPS_PREFIX}")
  if(NOT _ksh_prefixes)
    set(_ksh_cache "$ENV{XDG_CACHE_HOME}")
    if(NOT _ksh_cache)
      set(_ksh_cache "$ENV{HOME}/.cache")
    endif()
    file(GLOB _ksh_prefixes "${_ksh_cache}/cheesemonger/deps/ksyntaxhighlighting-*-qt${Qt6_VERSION}")
    list(SORT _ksh_prefixes COMPARE NATURAL ORDER DESCENDING)
  endif()
  # The system's KF5SyntaxHighlighting is a Qt 5 build, so only the private prefix is asked.
  find_package(KF5SyntaxHighlighting QUIET NO_DEFAULT_PATH PATHS ${_ksh_prefixes})
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
