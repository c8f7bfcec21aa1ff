// SPDX-License-Identifier: GPL-3.0-or-later
// A fresh folder for one test, removed with all that is in it. On the stack of the test.
#pragma once

#include <cstdlib>
#include <filesystem>
#include <string>

namespace cm::test {

class TempFolder {
public:
    TempFolder()
    {
        std::string pattern = (std::filesystem::temp_directory_path() / "cheesemonger-test-XXXXXX").string();
        m_path = ::mkdtemp(pattern.data());
    }
    ~TempFolder()
    {
        std::error_code ignored;
        std::filesystem::remove_all(m_path, ignored);
    }
    TempFolder(const TempFolder &) = delete;
    TempFolder &operator=(const TempFolder &) = delete;

    [[nodiscard]] const std::string &path() const { return m_path; }

private:
    std::string m_path;
};

}  // namespace cm::test
