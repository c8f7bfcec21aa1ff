// SPDX-License-Identifier: GPL-3.0-or-later
// The key file of this node, with which the keys of tokens are sealed in the catalog (XChaCha20 and
// Poly1305), so that a dump of the database gives no token away. Owned by the composition root; any
// thread.
#pragma once

#include "core/base/result.h"

#include <array>
#include <filesystem>
#include <string>
#include <string_view>

namespace cm::registry {

class NodeKey {
public:
    // Makes the file (0600, its folder 0700) when there is none. Corrupt when it has a wrong length.
    static Result<NodeKey> openOrCreate(const std::filesystem::path &file);
    ~NodeKey();
    NodeKey(const NodeKey &) = default;
    NodeKey &operator=(const NodeKey &) = default;

    [[nodiscard]] std::string seal(std::string_view plain) const;
    // Corrupt when it was sealed with another key or changed since.
    [[nodiscard]] Result<std::string> unseal(std::string_view sealed) const;

private:
    explicit NodeKey(const std::array<unsigned char, 32> &key) : m_key(key) {}
    std::array<unsigned char, 32> m_key;
};

}  // namespace cm::registry
