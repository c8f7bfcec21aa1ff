// SPDX-License-Identifier: GPL-3.0-or-later
// Room on the disk that is kept for what must not wait: a withdrawal writes a little too, and a disk that somebody else has filled
// must not keep it from being followed. Of the thread that runs the mirror; a file in its folder.
#pragma once

#include <filesystem>

namespace cm::mirror {

class Reserve {
public:
    explicit Reserve(const std::filesystem::path &root);
    // Before a run: makes it where the disk has room for more than that, and gives it up where there is none. Answers whether there
    // is room for what is new; else only for what goes, until there is much more.
    bool prepare();
    // The disk is full: its room is for what is written next. False when there was none.
    bool release();

private:
    const std::filesystem::path m_file;
};

}  // namespace cm::mirror
