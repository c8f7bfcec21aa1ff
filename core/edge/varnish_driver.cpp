// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/edge/varnish_driver.h"

#include <fmt/format.h>

namespace cm::edge {

Result<std::unique_ptr<PurgeDriver>> VarnishDriver::create(const std::string &url)
{
    CM_TRY_ASSIGN(const http::HttpUrl parsed, http::parseHttpUrl(url));
    http::ClientOptions options = http::optionsFor(parsed);
    options.connectTimeout = std::chrono::seconds(1);
    // Everything at once takes a moment: the keys of each object are taken out of its index.
    options.totalTimeout = std::chrono::seconds(5);
    return std::unique_ptr<PurgeDriver>(
        new VarnishDriver(fmt::format("{}:{}", parsed.host, parsed.port), std::move(options)));
}

Result<void> VarnishDriver::purge(std::span<const std::string> keys, bool soft, const std::stop_token &stop)
{
    http::ClientRequest request{"PURGE", "/", {{"Surrogate-Key", fmt::format("{}", fmt::join(keys, " "))}}, {}};
    if (soft)
        request.headers.push_back({"Soft-Purge", "1"});
    CM_TRY_ASSIGN(const http::ClientAnswer answer, m_client.send(request, stop));
    if (answer.status == 200)
        return {};
    if (answer.status == 403)
        return fail(ErrorCode::Forbidden, fmt::format("{} takes no purges from this node: its address belongs into the acl"
                                                      " purgers of the VCL", m_name));
    return fail(ErrorCode::Unavailable, fmt::format("{} answers a purge with {}: is its VCL the one that belongs to this"
                                                    " registry?", m_name, answer.status));
}

}  // namespace cm::edge
