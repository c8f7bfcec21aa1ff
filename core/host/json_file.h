// SPDX-License-Identifier: GPL-3.0-or-later
// A described value as a small file of JSON. Blocks on the disk, any thread.
#pragma once

#include "core/api/codec.h"
#include "core/host/whole_file.h"

#include <optional>

namespace cm::host {

// Nothing when there is no file; InvalidInput for what is none.
template <class T>
[[nodiscard]] Result<std::optional<T>> readJson(const std::filesystem::path &file)
{
    const auto text = readWhole(file);
    if (!text && text.error().code == ErrorCode::NotFound)
        return std::nullopt;
    if (!text)
        return fail(text.error());
    CM_TRY_ASSIGN(T value, api::fromJsonText<T>(*text));
    return value;
}

}  // namespace cm::host
