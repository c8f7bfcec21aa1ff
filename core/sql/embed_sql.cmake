# SPDX-License-Identifier: GPL-3.0-or-later
# cmake -DOUTPUT=<file.cpp> -DHEADER=<header> -DFUNCTION=<ns::name> -DFILES=<a.sql|b.sql> -P embed_sql.cmake
# Writes a function that returns the numbered SQL texts as a span of cm::sql::Migration.
string(REPLACE "|" ";" files "${FILES}")
list(SORT files)
set(entries "")
foreach(file IN LISTS files)
  get_filename_component(stem "${file}" NAME_WE)
  if(NOT stem MATCHES "^([0-9][0-9][0-9][0-9])_([a-z0-9_]+)$")
    message(FATAL_ERROR "${file}: the name must be NNNN_name.sql")
  endif()
  string(REGEX REPLACE "^0+" "" number "${CMAKE_MATCH_1}")
  set(name "${CMAKE_MATCH_2}")
  file(READ "${file}" text)
  string(APPEND entries "    {${number}, \"${name}\", R\"sql(${text})sql\"},\n")
endforeach()
file(WRITE "${OUTPUT}" "// SPDX-License-Identifier: GPL-3.0-or-later
#include \"${HEADER}\"

namespace {

constexpr cm::sql::Migration embedded[] = {
${entries}};

}  // namespace

std::span<const cm::sql::Migration> ${FUNCTION}()
{
    return embedded;
}
")
