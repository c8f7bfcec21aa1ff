// SPDX-License-Identifier: GPL-3.0-or-later
// Looks at the folder of a store once a second, in a thread of its own: a look may hang in the file system for as long as
// it likes, and nobody who asks here does. Owned by a blob store; any thread, health() never blocks.
#pragma once

#include "core/base/log.h"
#include "core/blobs/blob_store.h"

#include <chrono>
#include <functional>
#include <memory>
#include <string>

namespace cm::blobs {

// What is said of a look that has taken so long.
[[nodiscard]] std::string silentFor(std::chrono::milliseconds taken);

class StoreWatch {
public:
    // `look` may outlive this, in a thread that hangs, and so refers to nothing of anybody's. One that takes longer than
    // `patience` says that the files are away.
    StoreWatch(std::function<StoreHealth()> look, std::chrono::milliseconds patience, Log &log);
    ~StoreWatch();
    StoreWatch(const StoreWatch &) = delete;
    StoreWatch &operator=(const StoreWatch &) = delete;

    // As the last look that ended found it.
    [[nodiscard]] StoreHealth health() const;
    // Whether anything can be read, for whoever asks with each request; what changes is logged.
    [[nodiscard]] bool isPresent();

private:
    struct State;

    const std::shared_ptr<State> m_state;
    Log &m_log;
};

}  // namespace cm::blobs
