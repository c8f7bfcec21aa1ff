// SPDX-License-Identifier: GPL-3.0-or-later
// A Varnish whose VCL is that of installer/topology: PURGE with the keys in a header. From whom it takes them is in
// its acl.
#pragma once

#include "core/edge/purge_driver.h"
#include "core/http/client/http_client.h"

namespace cm::edge {

class VarnishDriver final : public PurgeDriver {
public:
    // InvalidInput unless `url` is an address such as "http://192.0.2.10:80".
    static Result<std::unique_ptr<PurgeDriver>> create(const std::string &url);

    [[nodiscard]] std::string_view kind() const override { return "varnish"; }
    [[nodiscard]] std::string name() const override { return m_name; }
    // Varnish takes heads of 32 KB and headers of 8 KB.
    [[nodiscard]] Limits limits() const override { return {1'000, 6'000}; }
    Result<void> purge(std::span<const std::string> keys, bool soft, const std::stop_token &stop) override;

private:
    VarnishDriver(std::string name, http::ClientOptions options) : m_name(std::move(name)), m_client(std::move(options)) {}

    std::string m_name;
    http::HttpClient m_client;
};

}  // namespace cm::edge
