// SPDX-License-Identifier: GPL-3.0-or-later
// A server for mails from the settings of whoever writes any. Any thread.
#pragma once

#include "core/base/result.h"
#include "core/mail/smtp.h"

#include <functional>
#include <string>

namespace cm::daemon {

struct MailServerSettings {
    std::string url;
    std::string user;  // empty: none is asked for
    std::string caFile;
    std::string tls;  // "required" or "never"; empty: as the server is near or far
};

// `setting` names where this stands, for errors; `password` is asked where there is a user. InvalidInput also where it
// would be sent in the open.
Result<mail::SmtpServer> mailServerOf(const std::string &setting, const MailServerSettings &told,
                                      const std::function<Result<std::string>()> &password);

}  // namespace cm::daemon
