// SPDX-License-Identifier: GPL-3.0-or-later
// The few pages for people that the registry serves itself. Pure, any thread.
#pragma once

#include <string>
#include <string_view>

namespace cm::server {

[[nodiscard]] std::string homePage(std::string_view name, std::string_view version);
// What refusals of uploads link to.
[[nodiscard]] std::string uploadHelpPage(std::string_view name);

}  // namespace cm::server
