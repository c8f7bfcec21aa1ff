// SPDX-License-Identifier: GPL-3.0-or-later
// Where a monitor's alerts go, made from its configuration. InvalidInput for what could never work, so that it is
// told before anything runs.
#pragma once

#include "core/config/topology.h"
#include "core/monitor/alerts/receiver.h"

#include <memory>
#include <vector>

namespace cm::daemon {

Result<std::vector<std::unique_ptr<monitor::Receiver>>> receiversOf(const config::MonitorConfig &config,
                                                                    const config::MonitorSecrets &secrets);

}  // namespace cm::daemon
