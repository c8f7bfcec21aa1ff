// SPDX-License-Identifier: GPL-3.0-or-later
// The canary's file, sent again as twine sends one: the registry has it, so it goes all the way that an upload goes and
// stores nothing. Owned by a probe, used by one thread at a time.
#pragma once

#include "core/http/client/http_client.h"

#include <optional>
#include <string>
#include <string_view>

namespace cm::monitor {

class UploadCanary {
public:
    // `file`: its path as the index names it, /packages/xx/yy/…/NAME-VERSION….whl (or .tar.gz, .zip), with the digest in it.
    // `token`: of somebody who may upload to the project.
    UploadCanary(std::string file, std::string token) : m_file(std::move(file)), m_token(std::move(token)) {}

    // Nothing while the file cannot be had from this registry, or is no package.
    std::optional<Result<http::ClientAnswer>> send(http::HttpClient &client, const std::stop_token &stop);

private:
    [[nodiscard]] std::string bodyAround(std::string_view bytes) const;

    std::string m_file;
    std::string m_token;
    std::string m_body;  // made once
};

}  // namespace cm::monitor
