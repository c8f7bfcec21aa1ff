// SPDX-License-Identifier: GPL-3.0-or-later
// What a registry's server asks and tells beyond itself: a monitor's alerts, mails to people, and its own texts to look
// through. Made by the composition root; any thread, all of them block.
#pragma once

#include "core/base/clock.h"
#include "core/catalog/catalog.h"
#include "core/config/serve_config.h"
#include "core/deprecation/guards.h"
#include "core/server/own_texts.h"

#include <functional>
#include <string>
#include <utility>
#include <vector>

namespace cm::daemon {

using SendMail = std::function<Result<void>(const std::string &address, const std::string &subject, const std::string &text)>;
using OwnTexts = std::vector<server::OwnText>;

// Null where no monitor is configured.
Result<std::function<deprecation::Alerts()>> alertsOf(const config::ServeConfig &config);
// Null where no server for mails is configured.
Result<SendMail> sendMailOf(const config::ServeConfig &config, const Clock &clock);
// Pages, messages and files.
OwnTexts ownTexts(const config::ServeConfig &config, catalog::Catalog &catalog, const Clock &clock, const std::string &registryName);

}  // namespace cm::daemon
