// SPDX-License-Identifier: GPL-3.0-or-later
// The canary's file, sent again as twine sends one: the registry has it, so it goes all the way that an upload goes and
// stores nothing. Owned by a probe, used by one thread at a time.
#pragma once

#include "core/http/client/http_client.h"

#include <optional>
#include <string>

namespace cm::monitor {

class UploadCanary {
public:
    // `file`: its path as the index names it, /packages/xx/yy/…/NAME-VERSION….whl (or .tar.gz, .zip), with the digest in it.
    // `token`: of somebody who may upload to the project.
    UploadCanary(const std::string &file, std::string token);

    // Whether `file` is named like a package, so that it can be sent at all.
    [[nodiscard]] static bool isPackage(const std::string &file) { return !headOf(file).empty(); }
    // Nothing while the file cannot be had from this registry, or is no package.
    std::optional<Result<http::ClientAnswer>> send(http::HttpClient &client, const std::stop_token &stop);

private:
    // Of the form, up to the bytes; empty for no package.
    [[nodiscard]] static std::string headOf(const std::string &file);

    std::string m_file;
    std::string m_token;
    std::string m_head;
    std::string m_body;  // made once, with the bytes that the registry has
};

}  // namespace cm::monitor
