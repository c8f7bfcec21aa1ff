// SPDX-License-Identifier: GPL-3.0-or-later
// What the hosts of sshd ask of a web node, below /ssh/: `keys` (a key by its fingerprint, or all that are live), `ready`
// (would an upload be taken here now) and `status` (what a person with a key is told). Each question is signed with the
// secret that both share, and so is an answer that names keys. Nobody else is answered. Owned by the application; any
// thread.
#pragma once

#include "core/host/drain_file.h"
#include "core/http/application.h"
#include "core/server/services.h"
#include "core/ssh/trust/statement.h"

namespace cm::server {

class SshSite {
public:
    SshSite(const Services &services, host::DrainWatch &drain) : m_services(services), m_drain(drain) {}

    [[nodiscard]] static bool owns(std::string_view path) { return path.starts_with("/ssh/"); }
    [[nodiscard]] http::Dispatch dispatch(const http::RequestHead &head);

private:
    http::Response answer(const http::RequestHead &head);
    http::Response keys(const ssh::Question &question, const ssh::Secret &secret);
    http::Response ready();
    http::Response status(const http::RequestHead &head);
    Result<void> wouldTake();

    const Services &m_services;
    host::DrainWatch &m_drain;
};

}  // namespace cm::server
