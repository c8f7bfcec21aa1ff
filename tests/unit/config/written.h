// SPDX-License-Identifier: GPL-3.0-or-later
// A configuration file with that text, in a folder of its own. Any thread.
#pragma once

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>

namespace cm::config::test {

inline std::filesystem::path written(const std::string &text)
{
    std::string folder = (std::filesystem::temp_directory_path() / "cheesemonger-test-XXXXXX").string();
    const std::filesystem::path path = std::filesystem::path(::mkdtemp(folder.data())) / "cheesemongerd.toml";
    std::ofstream(path) << text;
    return path;
}

}  // namespace cm::config::test
