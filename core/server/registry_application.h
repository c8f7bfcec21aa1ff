// SPDX-License-Identifier: GPL-3.0-or-later
// The registry as an HTTP application: sends each request to the part that answers it, counts and
// logs what became of it. Owned by the composition root; open() before the server starts, close()
// when it stops accepting, so that event streams end and connections can drain.
#pragma once

#include "core/host/drain_file.h"
#include "core/server/admin_api.h"
#include "core/server/docs_site.h"
#include "core/server/form_budget.h"
#include "core/server/metrics.h"
#include "core/server/public_site.h"
#include "core/server/ssh_site.h"

namespace cm::server {

class RegistryApplication final : public http::Application {
public:
    RegistryApplication(Services services, Options options);

    // Hears of changes from now on. Unavailable when store or cache folder cannot be used.
    Result<void> open();
    void close() { m_feed.stop(); }
    // Since the start, beside what retires.
    [[nodiscard]] catalog::CollateralCounts collateral() const;
    // For the documentation's own listener.
    [[nodiscard]] http::Application &docs() { return m_docs; }

    [[nodiscard]] http::Dispatch dispatch(const http::RequestHead &head) override;
    [[nodiscard]] http::Response refusal(const http::RequestHead &head, int status, std::string_view words) override;
    void finished(const http::RequestHead &head, const http::Exchange &exchange) override;

private:
    http::Dispatch legacy(const http::RequestHead &head);
    http::Dispatch rest(const http::RequestHead &head);
    http::Reply metricsText();
    void appendEdges(std::string &text);
    http::Reply health();

    const Services m_services;
    const Options m_options;
    PublicSite m_site;
    DocsSite m_docs;
    LiveFeed m_feed;
    AdminApi m_admin;
    Metrics m_metrics;
    host::DrainWatch m_drain;
    SshSite m_ssh;
    FormBudget m_formBudget{64U << 20};
};

}  // namespace cm::server
