// SPDX-License-Identifier: GPL-3.0-or-later
// A web node as clients meet it: health, one transaction per channel, and a write to its database. Each
// look connects anew, for an old connection says nothing about whether new ones are taken.
#pragma once

#include "core/http/client/http_client.h"
#include "core/monitor/probes/probe.h"
#include "core/monitor/probes/upload_canary.h"

namespace cm::monitor {

struct WebTarget {
    std::string host;
    std::uint16_t port = 0;
    bool tls = false;
    std::string serverName;
    std::string caFile;
    std::string token;          // empty: no write probe
    std::string canaryProject;  // empty: only the index of a name that need not exist
    std::string canaryFile;     // path below /packages/; empty: not asked
    bool caches = false;        // it tells caches in front what has changed
    std::string uploadToken;    // empty: the canary is not sent
    // A page of documentation: "docs.example.org" and what is asked for there; empty: not asked.
    std::string docsHost, docsPage;
    std::uint16_t docsPort = 0;  // 0: the same
};

class WebProbe final : public Probe<WebFacts> {
public:
    explicit WebProbe(WebTarget target) : m_target(std::move(target)), m_canary(m_target.canaryFile, m_target.uploadToken) {}
    Result<WebFacts> look(const ProbeTime &time) override;

private:
    HttpFacts askDocs(http::HttpClient &client, const http::ClientOptions &options, const ProbeTime &time) const;

    WebTarget m_target;
    UploadCanary m_canary;
};

}  // namespace cm::monitor
