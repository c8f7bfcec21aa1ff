// SPDX-License-Identifier: GPL-3.0-or-later
// The documentation of all projects as pages, at an origin that is not the registry's: whatever scripts they
// bring, none acts on its behalf. Projects share that origin, and by default pages of one could read what those
// of another keep in cookies and localStorage; so each answer is sandboxed without allow-same-origin, which gives
// every page an origin of its own that is equal to nothing, itself included. Pages load their styles, scripts and
// pictures as ever, from here alone, and have no storage; what a browser loads by CORS alone (web fonts, modules,
// fetch) they go without. Authorization headers are not looked at and no cookie is ever set. Owned by the application, outlived
// by its server; any thread.
#pragma once

#include "core/server/file_cache.h"
#include "core/server/services.h"

#include <string>
#include <string_view>

namespace cm::server {

class DocsSite final : public http::Application {
public:
    DocsSite(const Services &services, const Options &options);

    void projectChanged(std::string_view normalizedName) { m_files.drop(normalizedName); }
    // Whether the request is addressed to the configured host of the documentation.
    [[nodiscard]] bool isAddressed(const http::RequestHead &head) const;

    [[nodiscard]] http::Dispatch dispatch(const http::RequestHead &head) override;
    [[nodiscard]] http::Response refusal(const http::RequestHead &head, int status, std::string_view words) override;
    void finished(const http::RequestHead &head, const http::Exchange &exchange) override;

private:
    http::Dispatch page(const http::RequestHead &head, std::string_view path);
    http::Reply findPage(const http::RequestHead &head, const std::string &project, const std::string &version,
                         const std::string &path);

    const Services &m_services;
    const Options &m_options;
    FileCache m_files;
};

// "https://docs.example.org": where the documentation is, as whoever sent this request reaches it. Empty when it
// is served nowhere.
[[nodiscard]] std::string docsBaseFor(const Services &services, const Options &options, const http::RequestHead &head);

}  // namespace cm::server
