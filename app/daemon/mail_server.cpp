// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/daemon/mail_server.h"

namespace cm::daemon {

Result<mail::SmtpServer> mailServerOf(const std::string &setting, const MailServerSettings &told,
                                      const std::function<Result<std::string>()> &password)
{
    using Tls = mail::SmtpServer::Tls;
    mail::SmtpServer server{told.url, told.user, {}, Tls::Required, told.caFile};
    CM_TRY(mail::checkServer(server));
    const bool near = mail::isLoopback(told.url);
    if (told.tls == "never" || (told.tls.empty() && near && !told.url.starts_with("smtps://")))
        server.tls = Tls::Never;
    if (told.user.empty())
        return server;
    CM_TRY_ASSIGN(server.password, password());
    if (server.tls == Tls::Never && !near)
        return fail(ErrorCode::InvalidInput, setting + ": its password would be sent in the open");
    return server;
}

}  // namespace cm::daemon
