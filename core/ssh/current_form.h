// SPDX-License-Identifier: GPL-3.0-or-later
// An old client's form as a current upload, and what is signed of it: the misspelt version of the protocol, the missing
// digest, type and Python version are put right; everything else stays as it was sent. Pure, any thread.
#pragma once

#include "core/http/client/http_client.h"
#include "core/ssh/old_request.h"
#include "core/ssh/trust/statement.h"

namespace cm::ssh {

// What is to be signed: key and time are the caller's.
[[nodiscard]] Statement statementFor(const OldRequest &request);
// Without Authorization. The file is the request's, which has to stay.
[[nodiscard]] http::ClientRequest currentForm(const OldRequest &request);

}  // namespace cm::ssh
