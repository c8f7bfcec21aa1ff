// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/server/public_headers.h"

#include "core/base/hash.h"
#include "core/pypi/constants.h"

namespace cm::server {

http::Response publicPage(std::string_view contentType, std::int64_t serial, std::string_view cacheControl,
                          std::string_view surrogateKey, std::string body)
{
    http::Response answer;
    answer.set("Content-Type", contentType);
    answer.set("Cache-Control", cacheControl);
    answer.set(pypi::headerLastSerial, std::to_string(serial));
    answer.set("Access-Control-Allow-Origin", "*");
    answer.set("Access-Control-Expose-Headers", pypi::headerLastSerial);
    answer.set("Surrogate-Key", std::string(surrogateKey) + std::string(andEverything));
    answer.body = std::move(body);
    return answer;
}

http::Response filesAway()
{
    http::Response answer = http::Response::refusal(503, "The files of this registry are away; try again in a minute");
    answer.set("Retry-After", "10");
    answer.set("Cache-Control", "no-store");
    return answer;
}

std::string etagOf(std::string_view body)
{
    return '"' + hashHex(HashKind::Blake2b256, body).substr(0, 32) + '"';
}

}  // namespace cm::server
