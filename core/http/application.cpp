// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/http/application.h"

namespace cm::http {

Response Application::refusal(const RequestHead &, int status, std::string_view words)
{
    return Response::refusal(status, words);
}

void Application::finished(const RequestHead &, const Exchange &) {}

}  // namespace cm::http
