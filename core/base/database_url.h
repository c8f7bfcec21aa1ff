// SPDX-License-Identifier: GPL-3.0-or-later
// The address of a database server in one of libpq's two forms, "postgresql://user@host/name" and
// "host=… dbname=…": what of it is a secret. Pure, any thread.
#pragma once

#include <string>
#include <string_view>

namespace cm {

[[nodiscard]] bool isDatabaseUri(std::string_view url);
// The password that stands in `url`, as it stands there; empty when there is none.
[[nodiscard]] std::string passwordOf(std::string_view url);

}  // namespace cm
