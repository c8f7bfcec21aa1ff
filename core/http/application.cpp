// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/http/application.h"

namespace cm::http {

void Application::finished(const RequestHead &, const Exchange &) {}

}  // namespace cm::http
