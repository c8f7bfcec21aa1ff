// SPDX-License-Identifier: GPL-3.0-or-later
// What an ingester says of itself, to monitors: /status in JSON, /metrics as text. Every sum is since the start; what is
// not known is null, never 0. Owned by the composition root; dispatch() on any I/O thread, without blocking.
#pragma once

#include "core/http/application.h"
#include "core/metrics/intake/counter.h"
#include "core/metrics/intake/figures.h"

namespace cm::metrics::intake {

struct Status {
    Time now, started;
    std::shared_ptr<const IntakeFigures> intake;
    SpoolFigures spool;
    CounterFigures counter;
};

[[nodiscard]] std::string statusJson(const Status &status);
[[nodiscard]] std::string metricsText(const Status &status);

class StatusApplication final : public http::Application {
public:
    explicit StatusApplication(std::function<Status()> look) : m_look(std::move(look)) {}
    [[nodiscard]] http::Dispatch dispatch(const http::RequestHead &head) override;

private:
    const std::function<Status()> m_look;
};

}  // namespace cm::metrics::intake
