# SPDX-License-Identifier: GPL-3.0-or-later
# Everything that comes from the distribution, found once, as cm::<name> where the name of the
# imported target differs between Debian 12 and 13.
find_package(PkgConfig REQUIRED)
find_package(Threads REQUIRED)
find_package(OpenSSL REQUIRED)
find_package(ZLIB REQUIRED)
find_package(Boost 1.81 CONFIG REQUIRED COMPONENTS json url)
find_package(spdlog REQUIRED)
find_package(fmt REQUIRED)
pkg_check_modules(SODIUM REQUIRED IMPORTED_TARGET libsodium)
pkg_check_modules(SQLITE REQUIRED IMPORTED_TARGET sqlite3)
pkg_check_modules(PQXX REQUIRED IMPORTED_TARGET libpqxx>=6.4)
pkg_check_modules(PQ REQUIRED IMPORTED_TARGET libpq)
pkg_check_modules(ARCHIVE REQUIRED IMPORTED_TARGET libarchive)

add_library(cm_boost INTERFACE)
target_link_libraries(cm_boost INTERFACE Boost::headers Boost::json Boost::url Threads::Threads)
target_compile_definitions(cm_boost INTERFACE BOOST_ASIO_NO_DEPRECATED BOOST_ASIO_SEPARATE_COMPILATION
  BOOST_BEAST_SEPARATE_COMPILATION BOOST_BEAST_USE_STD_STRING_VIEW)

if(CHEESEMONGER_DESKTOP)
  find_package(Qt6 6.4 REQUIRED COMPONENTS Core Gui Widgets Network Charts Svg LinguistTools Test)
  find_package(Qt6Keychain REQUIRED)
  if(WITH_KSYNTAXHIGHLIGHTING)
    find_package(KSyntaxHighlightingAny REQUIRED)
  endif()
endif()
if(CHEESEMONGER_TESTS)
  find_package(doctest REQUIRED)
endif()
if(CHEESEMONGER_BENCH)
  find_package(benchmark REQUIRED)
endif()
