// SPDX-License-Identifier: GPL-3.0-or-later
// Constants of the packaging protocols, each with its source. They are compared or sent as they
// stand and never dialled, unless their comment says so.
#pragma once

#include <cstddef>
#include <string_view>

namespace cm::pypi {

// PEP 629, PEP 691, PEP 792.
inline constexpr std::string_view simpleApiVersion = "1.4";
inline constexpr std::string_view contentTypeHtml = "text/html; charset=utf-8";
inline constexpr std::string_view contentTypeSimpleV1Html = "application/vnd.pypi.simple.v1+html";
// Without a charset parameter: devpi compares the whole value.
inline constexpr std::string_view contentTypeSimpleV1Json = "application/vnd.pypi.simple.v1+json";
inline constexpr std::string_view contentTypeJson = "application/json";
inline constexpr std::string_view headerLastSerial = "X-PyPI-Last-Serial";
// Core metadata specification, as the refusals of the upload protocol name it.
inline constexpr std::string_view coreMetadataUrl = "https://packaging.python.org/specifications/core-metadata";
inline constexpr std::string_view pep527Url = "https://www.python.org/dev/peps/pep-0527";
inline constexpr std::string_view pep715Url = "https://peps.python.org/pep-0715/";
// Core metadata: Summary.
inline constexpr std::size_t maxSummaryLength = 512;
// Bounds of our own: far beyond every real project, and small enough for an index of a database.
inline constexpr std::size_t maxNameLength = 200;
inline constexpr std::size_t maxVersionLength = 200;
inline constexpr std::size_t maxRequiresPythonLength = 1000;
// Length of the longest name that a file may have here; one less than what file systems take.
inline constexpr std::size_t maxFilenameLength = 254;

}  // namespace cm::pypi
