# SPDX-License-Identifier: GPL-3.0-or-later
# How every target of the project is made: one static library a folder, one set of flags.
set(CMAKE_CXX_STANDARD 20)
set(CMAKE_CXX_STANDARD_REQUIRED ON)
set(CMAKE_CXX_EXTENSIONS OFF)
set(CMAKE_POSITION_INDEPENDENT_CODE ON)
set(CMAKE_RUNTIME_OUTPUT_DIRECTORY "${CMAKE_BINARY_DIR}/bin")
set(CMAKE_CXX_FLAGS_DEV "-O0 -g1" CACHE STRING "" FORCE)
set(CMAKE_CXX_FLAGS_RELWITHDEBINFO "-O2 -g1 -DNDEBUG" CACHE STRING "" FORCE)

# Paths are cached relative to the tree and without the build directory's name, so that a second
# build directory or another clone finds what the first has compiled. What a source includes is taken from what the compiler
# writes down of it: a preprocessor of its own for each costs an eighth of a build that finds nothing.
find_program(CCACHE_PROGRAM ccache)
find_program(ENV_PROGRAM env)
if(CCACHE_PROGRAM AND ENV_PROGRAM AND NOT CMAKE_CXX_COMPILER_LAUNCHER)
  set(CMAKE_CXX_COMPILER_LAUNCHER "${ENV_PROGRAM};CCACHE_BASEDIR=${CMAKE_SOURCE_DIR};CCACHE_NOHASHDIR=1;CCACHE_DEPEND=1;${CCACHE_PROGRAM}")
endif()
find_program(MOLD_PROGRAM mold)
if(MOLD_PROGRAM)
  add_link_options(-fuse-ld=mold)
endif()

add_library(cheesemonger_flags INTERFACE)
target_compile_options(cheesemonger_flags INTERFACE -Wall -Wextra -Wnon-virtual-dtor -Woverloaded-virtual
  -Wimplicit-fallthrough -Wno-missing-field-initializers)
target_include_directories(cheesemonger_flags INTERFACE "${CMAKE_SOURCE_DIR}")
if(CHEESEMONGER_SANITIZE)
  target_compile_options(cheesemonger_flags INTERFACE -fsanitize=${CHEESEMONGER_SANITIZE} -fno-omit-frame-pointer)
  target_link_options(cheesemonger_flags INTERFACE -fsanitize=${CHEESEMONGER_SANITIZE})
  # The tables of the checks are full of addresses: in a program that may be loaded anywhere each is one more relocation,
  # a third of its file and most of its start.
  target_link_options(cheesemonger_flags INTERFACE "$<$<STREQUAL:$<TARGET_PROPERTY:TYPE>,EXECUTABLE>:-no-pie>")
  # Under ASan and UBSan -O1 nearly doubles the build, which takes longer than the tests.
  if(CHEESEMONGER_SANITIZE MATCHES "thread")
    target_compile_options(cheesemonger_flags INTERFACE -O1)
  endif()
  if(CHEESEMONGER_SANITIZE MATCHES "undefined")
    target_compile_options(cheesemonger_flags INTERFACE -fno-sanitize-recover=undefined)
  endif()
endif()

# cheesemonger_library(<name> LINKS <target>...): every .h and .cpp of the current folder (not of
# its sub-folders, which are libraries of their own).
function(cheesemonger_library name)
  cmake_parse_arguments(arg "" "" "LINKS;PRIVATE_LINKS" ${ARGN})
  file(GLOB sources CONFIGURE_DEPENDS "${CMAKE_CURRENT_SOURCE_DIR}/*.cpp")
  file(GLOB headers CONFIGURE_DEPENDS "${CMAKE_CURRENT_SOURCE_DIR}/*.h")
  if(NOT sources AND NOT headers)
    return()
  endif()
  if(sources)
    add_library(${name} STATIC ${sources})
    target_sources(${name} PUBLIC FILE_SET HEADERS BASE_DIRS "${CMAKE_SOURCE_DIR}" FILES ${headers})
    target_link_libraries(${name} PUBLIC cheesemonger_flags ${arg_LINKS} PRIVATE ${arg_PRIVATE_LINKS})
  else()
    add_library(${name} INTERFACE)
    target_sources(${name} INTERFACE FILE_SET HEADERS BASE_DIRS "${CMAKE_SOURCE_DIR}" FILES ${headers})
    target_link_libraries(${name} INTERFACE cheesemonger_flags ${arg_LINKS})
  endif()
  set_property(GLOBAL APPEND PROPERTY CHEESEMONGER_LIBRARIES ${name})
endfunction()

# As above for a folder of the desktop: moc, the Qt macros that keep strings and keywords honest.
function(cheesemonger_ui_library name)
  cheesemonger_library(${name} ${ARGN})
  if(TARGET ${name})
    get_target_property(type ${name} TYPE)
    if(NOT type STREQUAL "INTERFACE_LIBRARY")
      set_target_properties(${name} PROPERTIES AUTOMOC ON)
      target_compile_definitions(${name} PUBLIC QT_NO_CAST_FROM_ASCII QT_NO_CAST_TO_ASCII QT_NO_KEYWORDS
        QT_DISABLE_DEPRECATED_UP_TO=0x060400 QT_WARN_DEPRECATED_UP_TO=0x060400)
    endif()
  endif()
endfunction()

# cheesemonger_unit_tests(<name> FOLDER <dir> LINKS <target>...): one doctest program over a folder.
function(cheesemonger_unit_tests name)
  cmake_parse_arguments(arg "" "FOLDER" "LINKS" ${ARGN})
  file(GLOB sources CONFIGURE_DEPENDS "${CMAKE_CURRENT_SOURCE_DIR}/${arg_FOLDER}/*.cpp")
  if(NOT sources)
    return()
  endif()
  add_executable(${name} ${sources} "${CMAKE_SOURCE_DIR}/tests/support/doctest_main.cpp")
  target_link_libraries(${name} PRIVATE cheesemonger_flags ${arg_LINKS})
  target_compile_definitions(${name} PRIVATE DOCTEST_CONFIG_USE_STD_HEADERS CHEESEMONGER_TEST_DATA="${CMAKE_SOURCE_DIR}/tests/data"
    CHEESEMONGER_BIN_DIR="${CMAKE_RUNTIME_OUTPUT_DIRECTORY}")
  string(REPLACE "_" "." test ${name})
  add_test(NAME ${test} COMMAND ${name})
  set_tests_properties(${test} PROPERTIES TIMEOUT 600)
endfunction()
