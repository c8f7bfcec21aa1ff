// SPDX-License-Identifier: GPL-3.0-or-later
// The bytes of a file of lines as they were before it was packed: plain, or gzip with as many members as there are. What a
// pipe brings is given as it comes. One thread; blocks on the disk. Errors: NotFound, Unavailable with the reason, Corrupt for
// gzip that is damaged or ends in the middle, behind all that could be read.
#pragma once

#include "core/base/clock.h"
#include "core/base/result.h"

#include <memory>
#include <string>

namespace cm::metrics::intake {

class UnpackedFile {
public:
    // "-" is the standard input.
    static Result<std::unique_ptr<UnpackedFile>> open(const std::string &name, const Clock &clock);
    ~UnpackedFile();
    UnpackedFile(const UnpackedFile &) = delete;
    UnpackedFile &operator=(const UnpackedFile &) = delete;

    // Appends to `out`; false at the end.
    Result<bool> read(std::string &out);
    // After the first read(). Nothing is added to it any more: what is packed is whole.
    [[nodiscard]] bool isClosed() const;
    // How much of it was read, from 0 to 1; 0 where that cannot be known.
    [[nodiscard]] double share() const;
    // When it was written; that of a pipe is now.
    [[nodiscard]] Time changed() const;

private:
    struct State;
    explicit UnpackedFile(std::unique_ptr<State> state);

    Result<bool> more();
    Result<void> unpack(std::string &out);

    std::unique_ptr<State> m_state;
};

}  // namespace cm::metrics::intake
